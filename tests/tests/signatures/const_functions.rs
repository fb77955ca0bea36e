//! `const fn`, which Clippy's `missing_const_for_fn` asks for.

#[mayfly::handler]
pub const fn nothing() {}

#[mayfly::handler]
const fn process(number: u8, _: mayfly::State<u8>) -> Result<u8, String> {
    Ok(number)
}

#[mayfly::init]
const fn state() -> u8 {
    3
}

const _: () = nothing();
