struct Reason;

#[mayfly::get("/orders")]
async fn orders() -> Result<String, Reason> {
    Err(Reason)
}

fn main() {}
