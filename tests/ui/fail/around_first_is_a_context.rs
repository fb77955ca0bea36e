use mayfly::{Context, Error, Next, around};

#[mayfly::around]
async fn timed(_: Context, next: Next<'_>) -> Result<around::Reply, Error> {
    next.run().await
}

fn main() {}
