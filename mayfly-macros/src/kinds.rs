//! The table of all attributes.
//!
//! A new attribute takes a row here, its public function in `lib.rs`, and a file each in `check` and `expand`. A new
//! argument takes a constant and a field in `parse/args.rs`.

use crate::kind::Kind;
use crate::parse::args::{AROUND, CONCURRENCY, CRATE, DEFAULT, Grammar, Literal, METHODS, NAME, REPORT_ALL, STREAM};
use crate::{check, expand};

/// All attributes of Mayfly.
pub(crate) static KINDS: [&Kind; 16] = [
    &HANDLER,
    &BATCH,
    &INIT,
    &AROUND_FUNCTION,
    &SHUTDOWN,
    &BEFORE_SNAPSHOT,
    &AFTER_RESTORE,
    &SERVICE,
    &GET,
    &POST,
    &PUT,
    &PATCH,
    &DELETE,
    &HEAD,
    &OPTIONS,
    &ROUTE,
];

// #[mayfly::handler]
// #[mayfly::handler(name = "orders")]
// #[mayfly::handler(default)]
// #[mayfly::handler(around = audit)]
// #[mayfly::handler(around = [trace, audit])]
// #[mayfly::handler(crate = path::to::mayfly)]
// #[mayfly::handler(name = "orders", default, crate = path::to::mayfly)]
pub(crate) static HANDLER: Kind = Kind {
    name: "handler",
    noun: "a handler",
    arguments: Grammar { literal: Literal::Name, keys: &[NAME, DEFAULT, AROUND, CRATE] },
    check: check::handler,
    expand: expand::handler,
};

// #[mayfly::batch]
// #[mayfly::batch(concurrency = 20)]
// #[mayfly::batch(report_all)]
// #[mayfly::batch(around = [trace, audit])]
// #[mayfly::batch(name = "orders", default, crate = path::to::mayfly)]
pub(crate) static BATCH: Kind = Kind {
    name: "batch",
    noun: "a batch function",
    arguments: Grammar { literal: Literal::Name, keys: &[NAME, DEFAULT, CONCURRENCY, REPORT_ALL, AROUND, CRATE] },
    check: check::batch,
    expand: expand::batch,
};

// #[mayfly::init]
// #[mayfly::init(crate = path::to::mayfly)]
pub(crate) static INIT: Kind = Kind {
    name: "init",
    noun: "an init",
    arguments: Grammar { literal: Literal::None, keys: &[CRATE] },
    check: check::init,
    expand: expand::init,
};

// #[mayfly::around]
// #[mayfly::around(crate = path::to::mayfly)]
pub(crate) static AROUND_FUNCTION: Kind = Kind {
    name: "around",
    noun: "an around function",
    arguments: Grammar { literal: Literal::None, keys: &[CRATE] },
    check: check::around,
    expand: expand::around,
};

// #[mayfly::shutdown]
// #[mayfly::shutdown(crate = path::to::mayfly)]
pub(crate) static SHUTDOWN: Kind = Kind {
    name: "shutdown",
    noun: "a shutdown function",
    arguments: Grammar { literal: Literal::None, keys: &[CRATE] },
    check: check::hook,
    expand: expand::shutdown,
};

// #[mayfly::before_snapshot]
// #[mayfly::before_snapshot(crate = path::to::mayfly)]
pub(crate) static BEFORE_SNAPSHOT: Kind = Kind {
    name: "before_snapshot",
    noun: "a before-snapshot function",
    arguments: Grammar { literal: Literal::None, keys: &[CRATE] },
    check: check::hook,
    expand: expand::before_snapshot,
};

// #[mayfly::after_restore]
// #[mayfly::after_restore(crate = path::to::mayfly)]
pub(crate) static AFTER_RESTORE: Kind = Kind {
    name: "after_restore",
    noun: "an after-restore function",
    arguments: Grammar { literal: Literal::None, keys: &[CRATE] },
    check: check::hook,
    expand: expand::after_restore,
};

// #[mayfly::service]
// #[mayfly::service(name = "api")]
// #[mayfly::service(default)]
// #[mayfly::service(stream)]
// #[mayfly::service(around = [trace, audit])]
// #[mayfly::service(crate = path::to::mayfly)]
pub(crate) static SERVICE: Kind = Kind {
    name: "service",
    noun: "a service",
    arguments: Grammar { literal: Literal::Name, keys: &[NAME, DEFAULT, STREAM, AROUND, CRATE] },
    check: check::service,
    expand: expand::service,
};

// #[mayfly::get("/orders/{id}")]
// #[mayfly::get("/orders/{id}", name = "order")]
// #[mayfly::get("/orders/{id}", crate = path::to::mayfly)]
pub(crate) static GET: Kind = of_method("get");
pub(crate) static POST: Kind = of_method("post");
pub(crate) static PUT: Kind = of_method("put");
pub(crate) static PATCH: Kind = of_method("patch");
pub(crate) static DELETE: Kind = of_method("delete");
pub(crate) static HEAD: Kind = of_method("head");
pub(crate) static OPTIONS: Kind = of_method("options");

// #[mayfly::route("/orders/{id}", methods = [PUT, PATCH])]
// #[mayfly::route("/orders/{id}", methods = [PUT, PATCH], name = "change", crate = path::to::mayfly)]
pub(crate) static ROUTE: Kind =
    Kind { arguments: Grammar { literal: Literal::Pattern, keys: &[METHODS, NAME, CRATE] }, ..of_method("route") };

/// A route whose only method has the name of the attribute.
const fn of_method(name: &'static str) -> Kind {
    Kind {
        name,
        noun: "a route",
        arguments: Grammar { literal: Literal::Pattern, keys: &[NAME, CRATE] },
        check: check::route,
        expand: expand::route,
    }
}

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
