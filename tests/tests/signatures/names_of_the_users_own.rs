//! User items with the names of the standard library, of Mayfly and of generated code: none is mistaken for those.
#![no_implicit_prelude]

mod orders {
    pub mod core {}
    pub mod std {}
    pub mod mayfly {}

    #[derive(::serde::Deserialize, ::serde::Serialize)]
    pub struct Context;
    #[derive(::serde::Deserialize, ::serde::Serialize)]
    pub struct State<T>(T);
    #[derive(::serde::Serialize)]
    pub struct Result<T, E>(pub T, pub E);
    #[derive(::serde::Deserialize, ::serde::Serialize)]
    pub struct Option;
    #[allow(dead_code)]
    #[derive(Debug)]
    pub enum Outcome {
        Ok,
        Err,
        Some,
        None,
    }
    #[allow(unused_imports)]
    use Outcome::{Err, None, Ok, Some};

    #[::mayfly::handler]
    fn context(event: Context) -> Result<u8, Option> {
        let _ = event;
        Result(1, Option)
    }

    #[::mayfly::handler]
    async fn state(event: State<Option>, call: ::mayfly::Context) -> State<Option> {
        let _ = call;
        event
    }

    #[::mayfly::handler]
    fn split(error: u8) -> ::core::result::Result<u8, Outcome> {
        ::core::result::Result::Ok(error)
    }

    // Names that generated code defines.
    #[::mayfly::handler]
    fn invoke(returned: u8) -> u8 {
        returned
    }

    #[::mayfly::handler]
    fn needs(argument0: u8, argument1: ::mayfly::Context) -> u8 {
        let _ = argument1;
        argument0
    }

    #[::mayfly::init]
    fn build() -> u32 {
        3
    }

    #[::mayfly::init]
    fn provides(value: ::mayfly::State<u32>) -> u64 {
        let _ = value;
        3
    }
}
