use std::collections::HashMap;
use std::io;

#[mayfly::handler]
fn maybe() -> Option<Result<u8, String>> {
    None
}

#[mayfly::handler]
fn twice() -> Result<Result<u8, String>, mayfly::Error> {
    Ok(Err(String::new()))
}

#[mayfly::handler]
async fn list() -> Result<Vec<Result<u8, String>>, Result<u8, String>> {
    Ok(Vec::new())
}

#[mayfly::handler]
fn tuple() -> (u8, [Result<u8, String>; 1]) {
    (1, [Ok(1)])
}

#[mayfly::handler]
fn reference() -> &'static [Box<io::Result<u8>>] {
    &[]
}

#[mayfly::handler]
fn map() -> std::io::Result<HashMap<String, std::result::Result<u8, String>>> {
    Ok(HashMap::new())
}

fn main() {}
