use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
async fn timed(_: &Invocation<'_>, rest: Next<'_>) -> Result<around::Reply, Error> {
    let outcome = { rest.run_blocking() };
    outcome
}

fn main() {}
