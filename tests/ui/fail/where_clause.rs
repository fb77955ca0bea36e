#[mayfly::handler]
fn process(event: u8) -> u8
where
    u8: Copy,
{
    event
}

fn main() {}
