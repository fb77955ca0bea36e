use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>) -> impl Future<Output = Result<around::Reply, Error>> {
    next.run()
}

fn main() {}
