macro_rules! handlers {
    ($($name:ident: $event:ty => $reply:ty { $value:expr })*) => {$(
        #[mayfly::handler]
        async fn $name(_: $event, _: mayfly::Context) -> $reply {
            $value
        }
    )*};
}

handlers! {
    one: u8 => u8 { 1 }
    text: &str => Result<String, mayfly::Error> { Ok("two".to_owned()) }
}
