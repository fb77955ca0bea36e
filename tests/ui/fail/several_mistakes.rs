#[mayfly::handler(nmae = "orders")]
const unsafe fn process<T>(_: &mayfly::Context, #[cfg(unix)] _: impl Into<String>) -> ! {
    loop {}
}

fn main() {}
