#[mayfly::handler]
fn process(_: u8) -> ! {
    loop {}
}

fn main() {}
