use std::rc::Rc;

#[mayfly::get("/orders")]
async fn orders() -> String {
    let name = Rc::new("orders");
    std::future::ready(()).await;
    name.to_string()
}

fn main() {}
