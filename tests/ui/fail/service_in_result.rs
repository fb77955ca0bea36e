//! The `Ok` of the function is no service.

#[mayfly::service]
async fn api() -> Result<u32, mayfly::Error> {
    Ok(7)
}

fn main() {}
