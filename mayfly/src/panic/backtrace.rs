//! The stack frames of a panic, reduced to those of the user's code.

use std::backtrace::Backtrace;

use crate::error::frame::Frame;
use crate::error::text::has;

/// The prefix of generated modules, into whose functions the user's function may be inlined.
const GENERATED: &str = "__MAYFLY_";
/// The names of generated functions in a binary with line tables only, which name no crate.
const GENERATED_BARE: [&str; 3] = ["invoke", "build", "{async_block#0}"];
/// The text before the 16 hexadecimal digits at the end of a legacy symbol.
const HASH: &str = "::h";
/// The crates whose frames say nothing about the user's code.
const MACHINERY: [&str; 6] = ["std", "core", "alloc", "test", "tokio", "__rustc"];
/// The paths of the standard library's sources and of its dependencies.
const TOOLCHAIN: [&str; 3] = ["/rustc/", "/rust/deps/", "/rustlib/src/rust/library/"];
/// The end of the path of any Rust source file.
const RUST: [&str; 1] = [".rs:"];
/// The paths of dependencies' sources. Their functions count as the user's only if the symbol names the crate.
const DEPENDENCIES: [&str; 3] = ["/registry/src/", "/git/checkouts/", "/vendor/tokio/"];
/// The most frames that are kept.
const MAX_FRAMES: usize = 50;

/// Returns the user's frames of a stack, innermost first; none if the binary has no symbols.
pub(crate) fn frames(stack: &Backtrace) -> Vec<Frame> {
    user_frames(&stack.to_string())
}

/// Reads the user's frames from the text of a backtrace, which is all that stable Rust offers of it.
///
/// ```text
///    7: greeter::fail::explode
///              at ./examples/greeter/src/fail.rs:33:5
/// ```
fn user_frames(backtrace: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let lines: Vec<&str> = backtrace.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((_, symbol)) = line.split_once(' ').filter(|(number, _)| number.ends_with(':')) else { continue };
        let place = lines.get(at + 1).and_then(|next| next.strip_prefix("at ")).unwrap_or_default();
        match Owner::of(symbol, place) {
            Owner::User(label) if frames.len() < MAX_FRAMES => {
                let mut frame = Frame { label: Some(label), ..Frame::default() };
                set_place(&mut frame, place);
                frames.push(frame);
            }
            // A function that was inlined into the generated code that calls it has no frame of its own.
            Owner::Generated(handler) if !frames.iter().any(|frame| frame.is_of(&handler)) => {
                frames.push(Frame { label: Some(handler), ..Frame::default() });
            }
            // All frames outside of this one are the same for every handler.
            Owner::Mayfly if !frames.is_empty() => {
                let last = frames.last().and_then(|frame| frame.label.as_deref());
                if last.is_some_and(|label| GENERATED_BARE.contains(&label)) {
                    frames.pop();
                }
                break;
            }
            _ => {}
        }
    }
    frames
}

/// The origin of a frame's code.
enum Owner {
    /// The user's code or a dependency's, with the symbol.
    User(String),
    /// The generated code that calls the user's function with this path.
    Generated(String),
    Mayfly,
    /// The standard library, tokio or another part of the runtime.
    Machinery,
}

impl Owner {
    fn of(symbol: &str, place: &str) -> Self {
        if let Some((module, generated)) = symbol.split_once(GENERATED) {
            // Such as `HANDLER_place::invoke` or `INIT_connect::build`.
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
        // In a binary with line tables only, a symbol may be as short as `poll<core::pin::Pin<…>>`.
        let end = bare.bytes().position(|byte| b"< >".contains(&byte)).unwrap_or(bare.len());
        let is_in = |sources: &[&str]| sources.iter().any(|source| has(place, source));
        match bare[..end].split_once(':') {
            _ if is_in_mayfly(place) => Self::Mayfly,
            _ if is_in(&TOOLCHAIN) => Self::Machinery,
            Some(("mayfly", _)) => Self::Mayfly,
            Some((krate, _)) if !MACHINERY.contains(&krate) => Self::User(name.to_owned()),
            None if is_in(&RUST) && !is_in(&DEPENDENCIES) => Self::User(name.to_owned()),
            _ => Self::Machinery,
        }
    }
}

/// Returns whether a place is in Mayfly's own sources.
fn is_in_mayfly(place: &str) -> bool {
    let sources = file!().trim_end_matches("panic/backtrace.rs");
    place.split_once(sources).is_some_and(|(before, _)| before.is_empty() || before.ends_with('/'))
}

/// Splits `path:line:column` into the fields of a frame.
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
    fn the_users_frames_are_kept_and_inlined_handlers_are_named() {
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
        let shown: Vec<_> = user_frames(text).iter().map(ToString::to_string).collect();
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
    fn a_handler_that_has_its_own_frame_is_named_once() {
        let text =
            "1: my_app::place::{closure#0}\n2: <my_app::__MAYFLY_HANDLER_place::invoke::{closure#0}>\n3: std::rt::x";
        assert_eq!(
            user_frames(text).iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["my_app::place::{closure#0}"]
        );
    }

    /// The backtraces are those of a real binary with `debug = "line-tables-only"`, with the paths of the machine
    /// replaced: from a sync handler, an async handler, an async init and a thread.
    #[test]
    fn line_tables_give_the_users_frames_without_machinery() {
        let ours = file!().trim_end_matches("/panic/backtrace.rs");
        for (text, expected) in [
            (
                "
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616e1fa/library/core/src/panicking.rs:80:14
   2: sync
             at /u/me/app/src/panics.rs:13:5
   3: invoke
             at /u/me/app/src/panics.rs:12:8
   4: {closure#0}
             at /u/me/OURS/call.rs:76:27
   5: enter<core::result::Result<(), mayfly::error::Error>, mayfly::call::run::{closure#0}::{closure_env#0}>
             at /u/me/OURS/executor.rs:82:9
   6: call_once<mayfly::call::run::{closure_env#0}, ()>
             at /rustc/59807616e1fa/library/core/src/ops/function.rs:250:5",
                &["sync (/u/me/app/src/panics.rs:13:5)"][..],
            ),
            (
                "
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa/library/std/src/panicking.rs:689:5
   1: {async_fn#0}
             at /u/me/app/src/panics.rs:21:5
   2: {async_block#0}
             at /u/me/app/src/panics.rs:18:1
   3: {closure#0}<core::result::Result<(), mayfly::error::Error>>
             at /u/me/OURS/call.rs:105:29
   4: poll<&mut dyn core::future::future::Future<Output=core::result::Result<(), mayfly::error::Error>>>
             at /rustc/59807616e1fa/library/core/src/future/future.rs:133:9
   5: {closure#0}<core::pin::Pin<&mut dyn core::future::future::Future<Output=()>>>
             at /u/me/cargo/registry/src/x/tokio-1.54.1/src/runtime/mod.rs:830:70",
                &["{async_fn#0} (/u/me/app/src/panics.rs:21:5)"],
            ),
            (
                "
   2: {async_fn#0}
             at /u/me/app/src/states.rs:149:5
   3: {async_block#0}
             at /u/me/app/src/states.rs:146:1
   4: poll<&mut dyn core::future::future::Future<Output=core::result::Result<&(), mayfly::error::Error>>>
             at /rustc/59807616e1fa/library/core/src/future/future.rs:133:9
   5: with_budget<core::task::poll::Poll<core::result::Result<&(), mayfly::error::Error>>>
             at /u/me/cargo/registry/src/x/tokio-1.54.1/src/task/coop/mod.rs:167:5
   6: block_on<core::result::Result<&(), mayfly::error::Error>>
             at /u/me/OURS/executor.rs:76:82
   7: build
             at /u/me/app/src/states.rs:147:10",
                &["{async_fn#0} (/u/me/app/src/states.rs:149:5)"],
            ),
            (
                "
   2: {closure#0}
             at /u/me/my-mayfly/src/lib.rs:40:9
   3: <T as core::convert::Into<U>>::into
             at /rustc/59807616e1fa/library/core/src/convert/mod.rs:759:9
   4: hashbrown::raw::RawTable<T>::reserve
             at /rust/deps/hashbrown-0.16.1/src/raw/mod.rs:1:1
   5: fold<i32>
             at /u/me/cargo/git/checkouts/rayon-1/rayon/src/iter.rs:1:1
   6: sqlx::query::Query<DB>::execute
             at /u/me/cargo/registry/src/x/sqlx-0.9.1/src/query.rs:7:1
   7: start
             at ./nptl/pthread_create.c:442:8
   8: <unknown>",
                &[
                    "{closure#0} (/u/me/my-mayfly/src/lib.rs:40:9)",
                    "sqlx::query::Query<DB>::execute (/u/me/cargo/registry/src/x/sqlx-0.9.1/src/query.rs:7:1)",
                ],
            ),
        ] {
            let frames = user_frames(&text.replace("OURS", ours));
            assert_eq!(frames.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn stripped_binaries_have_no_frames() {
        assert_eq!(user_frames("   0: <unknown>\n   1: <unknown>\n"), []);
        assert_eq!(user_frames("disabled backtrace"), []);
    }
}
