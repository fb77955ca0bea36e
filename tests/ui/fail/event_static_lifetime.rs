#[derive(serde::Deserialize)]
struct Order<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

#[mayfly::handler]
async fn process(_: Order<'static>) {}

fn main() {}
