mod r#type {
    #[mayfly::handler]
    pub(super) fn r#match(r#in: u8) -> u8 {
        r#in
    }

    #[mayfly::init]
    pub(super) async fn r#static() -> u32 {
        3
    }
}

#[test]
fn a_handler_with_a_raw_name_is_still_callable() {
    assert_eq!(r#type::r#match(1), 1);
}
