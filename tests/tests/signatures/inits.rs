use mayfly::State;

type Answer<T> = Result<T, String>;

struct Prices;
struct Shop(State<Prices>);
struct Chain {
    shops: Vec<Shop>,
}

#[mayfly::init]
fn prices() -> Prices {
    Prices
}

#[mayfly::init]
pub async fn shop(prices: State<Prices>) -> Result<Shop, mayfly::Error> {
    Ok(Shop(prices))
}

#[mayfly::init]
async fn chain(_: State<Prices>, State(shop): State<Shop>) -> Answer<Chain> {
    Ok(Chain { shops: vec![Shop(shop.0)] })
}

#[mayfly::handler]
fn count(_: (), chain: State<Chain>) -> usize {
    chain.shops.len()
}

#[test]
fn a_function_that_takes_states_is_still_callable() {
    assert_eq!(count((), State::new(Chain { shops: Vec::new() })), 0);
}
