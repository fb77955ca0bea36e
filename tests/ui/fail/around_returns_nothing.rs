use mayfly::{Invocation, Next};

#[mayfly::around]
async fn timed(_: &Invocation<'_>, next: Next<'_>) {
    let _ = next.run().await;
}

fn main() {}
