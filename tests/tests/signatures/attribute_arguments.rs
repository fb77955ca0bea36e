mod reexported {
    pub use mayfly;
}

#[mayfly::handler()]
fn empty(_: u8) {}

#[mayfly::handler(name = "orders/v2", default)]
fn named(_: u8) {}

#[mayfly::handler(crate = reexported::mayfly, name = "again",)]
async fn elsewhere(_: u8, _: mayfly::State<u32>) -> Result<u8, String> {
    Ok(1)
}

#[mayfly::init(crate = crate::attribute_arguments::reexported::mayfly)]
fn limit() -> u32 {
    3
}
