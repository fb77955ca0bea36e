fn look_up(text: String) -> anyhow::Result<u32> {
    Ok(text.parse()?)
}

#[mayfly::handler]
async fn quantity(text: String) -> Result<u32, mayfly::Error> {
    let quantity = look_up(text)?;
    Ok(quantity)
}

fn main() {}
