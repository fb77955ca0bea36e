use std::error::Error;

use mayfly::ResultExt;

fn look_up(text: String) -> Result<u32, Box<dyn Error>> {
    Ok(text.parse()?)
}

#[mayfly::handler]
fn quantity(text: String) -> Result<u32, mayfly::Error> {
    let quantity = look_up(text).context("the quantity")?;
    Ok(quantity)
}

fn main() {}
