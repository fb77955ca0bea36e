use mayfly::{Error, Invocation, Next, around};

#[mayfly::around]
async fn retried(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
    match next.run().await {
        Err(_) => next.run().await,
        reply => reply,
    }
}

fn main() {}
