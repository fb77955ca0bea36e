#[mayfly::get("/files/{*path}/size")]
fn size() -> &'static str {
    "size"
}

fn main() {}
