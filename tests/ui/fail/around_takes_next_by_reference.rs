use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
async fn timed(_: &Invocation<'_>, next: &Next<'_>) -> Result<around::Reply, Error> {
    around::Reply::new(format!("{next:?}"))
}

fn main() {}
