#[mayfly::handler]
fn plain(event: u8) -> u8 {
    event
}

#[mayfly::handler]
async fn asynchronous(event: u8) -> u8 {
    plain(event)
}

fn main() {
    assert_eq!(plain(1), 1);
}
