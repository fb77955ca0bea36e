//! The frames of a panic, trimmed to the user's.

use std::backtrace::Backtrace;

use crate::error::Frame;

/// What generated code is called: the user's function may be inlined into it.
const GENERATED: &str = "__MAYFLY_";
/// What stands before the 16 digits that end an older symbol.
const HASH: &str = "::h";
/// Crates whose frames say nothing about the user's mistake.
const MACHINERY: [&str; 6] = ["std", "core", "alloc", "test", "tokio", "__rustc"];
/// Nobody reads more.
const MAX_FRAMES: usize = 50;

/// The user's frames of a stack, innermost first; none if the binary has no symbols.
pub(crate) fn frames(stack: &Backtrace) -> Vec<Frame> {
    trimmed(&stack.to_string())
}

/// Reads the text of a backtrace: the standard library gives nothing else of it on stable Rust.
///
/// ```text
///    7: greeter::fail::explode
///              at ./examples/greeter/src/fail.rs:33:5
/// ```
fn trimmed(backtrace: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut is_kept = false;
    for line in backtrace.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            if let (true, Some(frame)) = (is_kept, frames.last_mut()) {
                set_place(frame, place);
            }
        } else if let Some((_, symbol)) = line.split_once(' ').filter(|(number, _)| number.ends_with(':')) {
            is_kept = false;
            match Owner::of(symbol) {
                Owner::User(label) if frames.len() < MAX_FRAMES => {
                    is_kept = true;
                    frames.push(Frame { label: Some(label), ..Frame::default() });
                }
                // A function that was inlined into the code that calls it has no frame of its own.
                Owner::Generated(handler) if !frames.iter().any(|frame| frame.is_of(&handler)) => {
                    frames.push(Frame { label: Some(handler), ..Frame::default() });
                }
                // From here outwards it is the same for every handler.
                Owner::Mayfly if !frames.is_empty() => break,
                _ => {}
            }
        }
    }
    frames
}

/// Whose code a frame is.
enum Owner {
    User(String),
    /// The code that calls the user's function of that path.
    Generated(String),
    Mayfly,
    Machinery,
}

impl Owner {
    fn of(symbol: &str) -> Self {
        if let Some((module, generated)) = symbol.split_once(GENERATED) {
            // `HANDLER_place::invoke`, `INIT_connect::build`
            let (_, called) = generated.split_once('_').unwrap_or_default();
            let name = called.split(':').next().unwrap_or_default();
            return Self::Generated(format!("{}{name}", module.trim_start_matches('<')));
        }
        let hash = symbol.len().saturating_sub(HASH.len() + 16);
        let name = match symbol.get(hash..) {
            Some(end) if end.starts_with(HASH) => &symbol[..hash],
            _ => symbol,
        };
        let bare = name.trim_start_matches(['<', '&', '*', '(', '[']);
        let bare = bare.strip_prefix("dyn ").unwrap_or(bare);
        match bare.split(':').next() {
            Some("mayfly") => Self::Mayfly,
            Some(krate) if krate != bare && !MACHINERY.contains(&krate) => Self::User(name.to_owned()),
            _ => Self::Machinery,
        }
    }
}

fn set_place(frame: &mut Frame, place: &str) {
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.parse().ok());
    if let (Some(column), Some(line)) = (number(), number()) {
        frame.column = column;
        frame.line = line;
        frame.path = parts.next().map(|path| path.trim_start_matches("./").to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_frames_are_kept_and_inlined_handlers_named() {
        let text = "
   0: std::backtrace_rs::backtrace::libunwind::trace
             at /rustc/abc/library/std/src/backtrace.rs:5:5
   1: __rustc::rust_begin_unwind
   2: core::panicking::panic_fmt
   3: my_app::price::{{closure}}
             at ./src/lib.rs:10:9
   4: <my_app::Cart as my_app::Total>::total::h0123456789abcdef
   5: my_app::orders::__MAYFLY_HANDLER_place_order::invoke
   6: <&dyn core::ops::function::Fn<()> as core::ops::function::FnOnce<()>>::call_once
   7: mayfly::call::run
   8: bootstrap::main
   9: __libc_start_main
  10: <unknown>
";
        let shown: Vec<_> = trimmed(text).iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "my_app::price::{{closure}} (src/lib.rs:10:9)",
                "<my_app::Cart as my_app::Total>::total",
                "my_app::orders::place_order"
            ]
        );
    }

    #[test]
    fn a_handler_with_a_frame_of_its_own_is_named_once() {
        let text =
            "1: my_app::place::{closure#0}\n2: <my_app::__MAYFLY_HANDLER_place::invoke::{closure#0}>\n3: std::rt::x";
        assert_eq!(trimmed(text).iter().map(ToString::to_string).collect::<Vec<_>>(), ["my_app::place::{closure#0}"]);
    }

    #[test]
    fn stripped_binaries_have_no_frames() {
        assert_eq!(trimmed("   0: <unknown>\n   1: <unknown>\n"), []);
        assert_eq!(trimmed("disabled backtrace"), []);
    }
}
