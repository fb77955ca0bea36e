//! The function returns a type that is no service.

#[mayfly::service]
fn api() -> String {
    "not a service".to_owned()
}

fn main() {}
