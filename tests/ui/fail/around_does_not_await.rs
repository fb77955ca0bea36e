use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    next.run()
}

#[mayfly::around]
fn tried(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    let reply = next.run()?;
    Ok(reply)
}

#[mayfly::around]
fn hidden(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    let rest = next;
    rest.run()
}

fn main() {}
