use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
fn timed<'a>(_: &'a Invocation<'a>, next: Next<'a>) -> Result<around::Reply, Error> {
    next.run_blocking()
}

fn main() {}
