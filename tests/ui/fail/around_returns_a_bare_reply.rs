use mayfly::{Invocation, Next, around};

#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>) -> around::Reply {
    next.run_blocking().unwrap_or_default()
}

fn main() {}
