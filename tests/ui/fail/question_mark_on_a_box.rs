use std::error::Error;

fn look_up(text: String) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(text.parse()?)
}

#[mayfly::handler]
fn quantity(text: String) -> Result<u32, mayfly::Error> {
    let quantity = look_up(text)?;
    Ok(quantity)
}

fn main() {}
