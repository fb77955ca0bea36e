use mayfly::{Error, Invocation, State, around};

#[mayfly::around]
fn timed(_: &Invocation<'_>, _: State<u8>) -> Result<around::Reply, Error> {
    around::Reply::new(())
}

fn main() {}
