//! The table of all attributes.
//!
//! A new attribute takes a row here, its public function in `lib.rs`, and a file each in `check` and `expand`. A new
//! argument takes a constant and a field in `parse/args.rs`.

use crate::kind::Kind;
use crate::parse::args::{CRATE, DEFAULT, Grammar, NAME, name_without_key};
use crate::{check, expand};

/// All attributes of Mayfly.
pub(crate) static KINDS: [&Kind; 3] = [&HANDLER, &INIT, &SERVICE];

// #[mayfly::handler]
// #[mayfly::handler(name = "orders")]
// #[mayfly::handler(default)]
// #[mayfly::handler(crate = path::to::mayfly)]
// #[mayfly::handler(name = "orders", default, crate = path::to::mayfly)]
pub(crate) static HANDLER: Kind = Kind {
    name: "handler",
    noun: "a handler",
    arguments: Grammar { literal: Some(name_without_key), keys: &[NAME, DEFAULT, CRATE] },
    check: check::handler,
    expand: expand::handler,
};

// #[mayfly::init]
// #[mayfly::init(crate = path::to::mayfly)]
pub(crate) static INIT: Kind = Kind {
    name: "init",
    noun: "an init",
    arguments: Grammar { literal: None, keys: &[CRATE] },
    check: check::init,
    expand: expand::init,
};

// #[mayfly::service]
// #[mayfly::service(name = "api")]
// #[mayfly::service(default)]
// #[mayfly::service(crate = path::to::mayfly)]
pub(crate) static SERVICE: Kind = Kind {
    name: "service",
    noun: "a service",
    arguments: Grammar { literal: Some(name_without_key), keys: &[NAME, DEFAULT, CRATE] },
    check: check::service,
    expand: expand::service,
};

#[cfg(test)]
mod tests {
    use super::KINDS;

    #[test]
    fn every_attribute_has_a_row() {
        let (_, attributes) = include_str!("lib.rs").split_once("#[proc_macro_attribute]").unwrap();
        let mut names: Vec<_> = attributes
            .split("#[proc_macro_attribute]")
            .map(|rest| rest.trim_start().strip_prefix("pub fn ").unwrap().split('(').next().unwrap())
            .collect();
        let mut rows = KINDS.map(|kind| kind.name);
        names.sort_unstable();
        rows.sort_unstable();
        assert_eq!(names, rows);
    }
}
