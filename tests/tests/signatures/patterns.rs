use mayfly::State;

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

#[mayfly::handler]
fn ignored(_: Order, _: mayfly::Context) {}

#[mayfly::handler]
async fn destructured(Order { id }: Order, State(limit): State<u64>) -> bool {
    id < *limit
}

#[mayfly::handler]
fn mutable(mut order: Order, #[allow(unused_mut, unused_variables)] mut limit: State<u64>) -> u64 {
    order.id += 1;
    order.id
}
