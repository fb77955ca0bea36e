#[mayfly::handler]
fn plain(event: u8) -> u8 {
    event
}

#[mayfly::handler]
async fn asynchronous(event: u8) -> u8 {
    plain(event)
}

#[test]
fn a_handler_is_still_callable() {
    assert_eq!(plain(1), 1);
}
