use std::borrow::Cow;

#[derive(serde::Deserialize)]
struct Order<'a> {
    id: &'a str,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[mayfly::handler]
fn elided(order: Order<'_>) -> String {
    format!("{}{}", order.id, order.text)
}

#[mayfly::handler]
async fn elided_async(order: Order<'_>, context: mayfly::Context) -> String {
    std::future::ready(()).await;
    format!("{}{}{}", order.id, order.text, context.request_id)
}

#[mayfly::handler]
async fn lent_to_the_reply<'a>(order: Order<'a>) -> Result<Cow<'a, str>, String> {
    Ok(order.text)
}

#[mayfly::handler]
fn bounded<'a: 'b, 'b>(orders: (Order<'a>, &'b str)) -> &'b str {
    orders.1
}

#[mayfly::handler]
async fn text(text: &str) -> usize {
    text.len()
}

#[mayfly::handler]
fn cow(text: Cow<'_, str>) -> bool {
    text.is_empty()
}

#[mayfly::handler]
fn owned(text: Cow<'static, str>) -> Cow<'static, str> {
    text
}
