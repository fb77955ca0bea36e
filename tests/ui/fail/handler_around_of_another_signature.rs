fn audit(_: String) {}

async fn trace(_: &mayfly::Invocation<'_>) -> Result<mayfly::around::Reply, mayfly::Error> {
    mayfly::around::Reply::new(())
}

struct NotAFunction;

#[mayfly::handler(around = [audit, trace])]
fn one() {}

#[mayfly::handler(around = audit)]
fn two() {}

#[mayfly::handler(around = NotAFunction)]
fn three() {}

#[mayfly::handler(around = missing)]
fn four() {}

fn main() {}
