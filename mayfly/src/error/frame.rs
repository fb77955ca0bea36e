//! `Frame`: one line of a stack trace.

use std::fmt;
use std::panic::Location;

use super::chain::LeftOut;

/// One line of a stack trace: a function, a place, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    pub(crate) label: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Frame {
    /// Returns whether the frame belongs to `function` or to a closure inside it.
    pub(crate) fn is_of(&self, function: &str) -> bool {
        let Some(rest) = self.label.as_deref().and_then(|label| beginning(label).strip_prefix(function)) else {
            return false;
        };
        // Other items after `::` belong to a module that has the function's name.
        rest.is_empty() || ["::{closure", "::{{closure"].iter().any(|inside| rest.starts_with(inside))
    }

    /// Returns whether the frame's file belongs to the standard library. `#[track_caller]` reports such a place for a
    /// function that is passed to the standard library, as in `map_err(Error::msg)`.
    pub(crate) fn is_of_toolchain(&self) -> bool {
        let path = self.path.as_deref().unwrap_or_default();
        // The second form appears if the component rust-src is installed:
        // <https://doc.rust-lang.org/rustc/remap-source-paths.html>.
        path.starts_with("/rustc/") || path.contains("/lib/rustlib/src/rust/library/")
    }
}

/// Returns a symbol from its first path on: `my_app::place::{closure#0} as Future>::poll` of
/// `<my_app::place::{closure#0} as Future>::poll`.
fn beginning(symbol: &str) -> &str {
    let bare = symbol.trim_start_matches(['<', '&', '*', '(', '[']);
    ["dyn ", "mut ", "const "].iter().find_map(|word| bare.strip_prefix(word)).unwrap_or(bare)
}

impl LeftOut for Frame {
    fn left_out(count: usize) -> Self {
        Self { label: Some(format!("(lines left out: {count})")), ..Self::default() }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.path.as_ref().map(|path| match self.column {
            0 => format!("{path}:{}", self.line),
            column => format!("{path}:{}:{column}", self.line),
        });
        match (&self.label, place) {
            (Some(label), Some(place)) => write!(f, "{label} ({place})"),
            (Some(label), None) => f.write_str(label),
            (None, Some(place)) => f.write_str(&place),
            (None, None) => Ok(()),
        }
    }
}

impl From<&Location<'_>> for Frame {
    fn from(location: &Location<'_>) -> Self {
        Self { label: None, path: Some(location.file().into()), line: location.line(), column: location.column() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_belongs_to_a_function_of_exactly_that_path() {
        for (label, function, expected) in [
            ("my_app::place", "my_app::place", true),
            ("my_app::place::{{closure}}", "my_app::place", true),
            ("my_app::place::{{closure}}::{{closure}}", "my_app::place", true),
            ("my_app::place::{closure#0}", "my_app::place", true),
            ("<my_app::place::{closure#0}>", "my_app::place", true),
            ("<my_app::place::{closure#0} as core::future::Future>::poll", "my_app::place", true),
            ("<&mut my_app::place::{closure#1} as core::ops::FnOnce<()>>::call_once", "my_app::place", true),
            // Another function whose name or path contains this one.
            ("my_app::place_order", "my_app::place", false),
            ("my_app::place_order::{{closure}}", "my_app::place", false),
            ("my_app::place2", "my_app::place", false),
            ("my_app::placé", "my_app::place", false),
            ("my_app::orders::place", "my_app::place", false),
            ("shop::orders::place", "orders::place", false),
            ("shop::orders::place::{closure#0}", "orders::place", false),
            ("<shop::Cart as orders::place::Total>::total", "orders::place", false),
            ("my_orders::place", "orders::place", false),
            // An item of a module, or a method, that has the function's name.
            ("my_app::place::later", "my_app::place", false),
            ("my_app::place::later::{{closure}}", "my_app::place", false),
            ("<my_app::place::Cart as my_app::Total>::total", "my_app::place", false),
            ("my_app::orders::{impl#0}::place", "my_app::orders::place", false),
            ("my_app::place::{impl#0}::total", "my_app::place", false),
            ("my_app::place::<impl core::fmt::Display for my_app::Cart>::fmt", "my_app::place", false),
            ("<my_app::Cart as my_app::Total>::total", "my_app::Cart::total", false),
        ] {
            let frame = Frame { label: Some(label.into()), ..Frame::default() };
            assert_eq!(frame.is_of(function), expected, "{label}, {function}");
        }
        assert!(!Frame::default().is_of("my_app::place"));
    }

    #[test]
    fn only_files_of_the_standard_library_belong_to_the_toolchain() {
        let of_std = *"x".parse::<u8>().map_err(|_| Location::caller()).as_ref().unwrap_err();
        for (path, expected) in [
            ("/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/ops/function.rs", true),
            ("/opt/rust/lib/rustlib/src/rust/library/core/src/ops/function.rs", true),
            ("library/core/src/ops/function.rs", false),
            ("/opt/cargo/registry/src/index/tower-0.5.2/src/util/map_err.rs", false),
            ("src/rustc/place.rs", false),
            (of_std.file(), false),
        ] {
            let frame = Frame { path: Some(path.into()), ..Frame::default() };
            assert_eq!(frame.is_of_toolchain(), expected, "{path}");
        }
        assert!(!Frame::default().is_of_toolchain());
    }
}
