use mayfly::{Invocation, Next, around};

struct Failure;

#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Failure> {
    next.run_blocking().map_err(|_| Failure)
}

fn main() {}
