use mayfly::{Error, Invocation, Next, around};

#[mayfly::handler]
#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    next.run_blocking()
}

fn main() {}
