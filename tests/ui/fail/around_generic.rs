use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
fn timed<T: Default>(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error>
where
    T: Clone,
{
    next.run_blocking()
}

fn main() {}
