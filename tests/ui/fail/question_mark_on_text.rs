fn look_up(text: String) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text} is not a number"))
}

#[mayfly::handler]
fn quantity(text: String) -> Result<u32, mayfly::Error> {
    let quantity = look_up(text)?;
    Ok(quantity)
}

fn main() {}
