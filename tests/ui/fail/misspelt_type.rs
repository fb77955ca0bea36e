#[mayfly::handler]
async fn process(_: Odrer, _: Contxet) -> Result<Reciept, Refsued> {
    todo!()
}

fn main() {}
