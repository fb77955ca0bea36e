use mayfly::{Error, Invocation, Next};

#[mayfly::around]
fn timed(_: &Invocation<'_>, next: Next<'_>) -> Result<String, Error> {
    drop(next);
    Ok("done".to_owned())
}

fn main() {}
