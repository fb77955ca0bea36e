use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>, _: String) -> Result<around::Reply, Error> {
    next.run_blocking()
}

fn main() {}
