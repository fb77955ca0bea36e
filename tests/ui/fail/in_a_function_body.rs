fn main() {
    #[mayfly::handler]
    async fn process(_: u8) {}
}
