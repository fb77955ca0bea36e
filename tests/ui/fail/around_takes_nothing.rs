use mayfly::{Error, around};

#[mayfly::around]
fn timed() -> Result<around::Reply, Error> {
    around::Reply::new(())
}

fn main() {}
