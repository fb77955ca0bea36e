use mayfly::{Error, Invocation, Next, State, around};

#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>, _: &State<u8>) -> Result<around::Reply, Error> {
    next.run_blocking()
}

fn main() {}
