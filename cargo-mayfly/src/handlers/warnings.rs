//! Warnings about handlers of a binary that would not start, and about functions that would not run.

use std::collections::{BTreeMap, BTreeSet};

use crate::handlers::registry::{Handler, Registry};
use crate::project::cargo_config::CargoConfig;

/// The end of the warning for a project without a release profile: with one, a build uses none of its own settings.
const BESIDE_UNWIND: &str =
    "; write the other settings of the build there, too: lto = true, codegen-units = 1, strip = \"debuginfo\"";

/// Finds several copies of mayfly, names that are registered twice, several defaults, handlers whose states cannot be
/// listed, states without an init or with two, and around functions that are not named or not registered.
pub(crate) fn of(registry: &Registry) -> Vec<String> {
    let mut warnings: Vec<_> = of_copies(registry).into_iter().collect();
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for handler in &registry.handlers {
        for name in [Some(&handler.path), handler.name.as_ref()].into_iter().flatten() {
            names.entry(name).or_default().push(place(handler));
        }
    }
    for (name, places) in names.iter().filter(|(_, places)| places.len() > 1) {
        warnings.push(format!("the handler `{name}` is registered at {}; give one a `name`", places.join(" and at ")));
    }
    let defaults: Vec<_> = registry.handlers.iter().filter(|handler| handler.default).map(place).collect();
    if defaults.len() > 1 {
        warnings.push(format!("several handlers are marked `default`, at {}; keep one", defaults.join(" and at ")));
    }
    let broken = registry.handlers.iter().filter_map(|handler| Some((handler, handler.problem.as_ref()?)));
    warnings
        .extend(broken.map(|(handler, problem)| format!("the handler at {} cannot start: {problem}", place(handler))));
    let mut needed: BTreeMap<&str, &str> = BTreeMap::new();
    let others = registry.hooks.iter().map(|hook| &hook.function).chain(&registry.arounds);
    let others = others.map(|function| (&function.path, &function.needs));
    let handlers = registry.handlers.iter().map(|handler| (&handler.path, &handler.needs));
    let inits = registry.inits.iter().map(|init| (&init.function.path, &init.function.needs));
    for (path, needs) in others.chain(handlers).chain(inits) {
        needed.extend(needs.iter().map(|state| (state.as_str(), path.as_str())));
    }
    for (state, path) in needed {
        let inits: Vec<_> = registry.inits.iter().filter(|init| init.provides == state).collect();
        let wrong = match inits.as_slice() {
            [_] => continue,
            [] => "but no `#[mayfly::init]` function returns it".to_owned(),
            [first, second, ..] => {
                let places = [first, second].map(|init| format!("{}:{}", init.function.file, init.function.line));
                format!("and two inits return it: at {}", places.join(" and at "))
            }
        };
        warnings.push(format!("`{path}` takes `State<{state}>`, {wrong}"));
    }
    warnings.extend(of_arounds(registry));
    warnings
}

/// Warns of around functions that no list names, and of names in lists that are no around functions.
fn of_arounds(registry: &Registry) -> Vec<String> {
    let own = registry.handlers.iter().flat_map(|handler| &handler.around);
    let named: BTreeSet<_> = registry.around.iter().chain(own).collect();
    let forgotten = registry.arounds.iter().filter(|around| !named.contains(&around.path)).map(|around| {
        format!(
            "no `around = …` names the function `{}` at {}:{}: name it in `mayfly::main!`, for all handlers, or in the \
             attribute of a handler; otherwise it runs around nothing, unless a `main` of your own names it at run time",
            around.path, around.file, around.line
        )
    });
    let unknown =
        named.iter().filter(|path| !registry.arounds.iter().any(|around| around.path == ***path)).map(|path| {
            format!(
                "`around = …` names `{path}`, which is not under `#[mayfly::around]`; add the attribute to the function"
            )
        });
    forgotten.chain(unknown).collect()
}

/// Warns if the binary has several copies of mayfly.
pub(crate) fn of_copies(registry: &Registry) -> Option<String> {
    let copies = &registry.copies;
    (copies.len() > 1).then(|| {
        format!(
            "the binary has {} copies of mayfly ({}), and what is registered with one is unknown to the others: make \
             all packages depend on the same one, from the same source; `cargo tree --duplicates` shows which package \
             uses which",
            copies.len(),
            copies.join(", ")
        )
    })
}

/// Warns if the profile of a build makes a panic in a batch function end the process: then no record of the batch
/// counts as handled.
pub(crate) fn of_aborting_batches(registry: &Registry, profile: &str, is_configured: bool) -> Option<String> {
    let aborting = registry.handlers.iter().filter(|handler| handler.panic.as_deref() == Some("abort"));
    aborting_batches(aborting, profile, is_configured)
}

/// Warns of the same before a build, for the release profile of `cargo mayfly build`.
pub(crate) fn of_batches_to_abort(registry: &Registry, config: &CargoConfig) -> Option<String> {
    let batches = registry.handlers.iter().filter(|handler| handler.batch.is_some() && config.aborts_in_release());
    aborting_batches(batches, "release", config.has_release_profile())
}

/// Names the batch functions and the remedy. Without a configured profile, the settings of `cargo mayfly build` count.
fn aborting_batches<'a>(
    batches: impl Iterator<Item = &'a Handler>,
    profile: &str,
    is_configured: bool,
) -> Option<String> {
    let batches: Vec<_> = batches.map(|handler| format!("`{}`", handler.path)).collect();
    let (reason, beside) = if is_configured {
        (format!("the {profile} profile has `panic = \"abort\"`"), "")
    } else {
        ("`cargo mayfly build` uses `panic = \"abort\"` where there is no release profile".to_owned(), BESIDE_UNWIND)
    };
    (!batches.is_empty()).then(|| {
        format!(
            "a panic in {} ends the process, and the whole batch is delivered again, since {reason}; set \
             `panic = \"unwind\"` under `[profile.{profile}]` in the Cargo.toml of the workspace, so that only its \
             record fails{beside}",
            batches.join(" or ")
        )
    })
}

fn place(handler: &Handler) -> String {
    format!("{}:{}", handler.file, handler.line)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn handler(path: &str, line: u32, more: &Value) -> Value {
        let mut handler = json!({
            "path": path, "alias": null, "name": null, "default": false, "async": false, "file": "src/lib.rs",
            "line": line, "event": null, "reply": "()", "needs": [],
        });
        for (name, value) in more.as_object().expect("an object") {
            handler[name] = value.clone();
        }
        handler
    }

    fn init(path: &str, line: u32, provides: &str) -> Value {
        json!({ "path": path, "async": false, "file": "src/lib.rs", "line": line, "provides": provides, "needs": [] })
    }

    fn warnings(handlers: &[Value], inits: &[Value]) -> Vec<String> {
        let registry = json!({ "mayfly": "0.1.0", "handlers": handlers, "inits": inits });
        of(&serde_json::from_value(registry).expect("it is a registry"))
    }

    #[test]
    fn a_correct_registry_has_no_warnings() {
        let needs = json!({ "needs": ["a::State"], "default": true });
        assert_eq!(
            warnings(&[handler("a::b", 1, &needs), handler("a::c", 2, &json!({}))], &[init("a::i", 3, "a::State")]),
            [""; 0]
        );
    }

    #[test]
    fn batch_functions_whose_panics_abort_are_named() {
        let aborting = json!({ "batch": "sqs", "panic": "abort" });
        let handlers = [
            handler("a::b", 1, &json!({ "batch": "kafka" })),
            handler("a::c", 2, &aborting),
            handler("a::d", 3, &aborting),
            handler("a::e", 4, &json!({})),
        ];
        let registry = json!({ "mayfly": "0.1.0", "handlers": handlers, "inits": [] });
        let registry = serde_json::from_value(registry).expect("it is a registry");
        let expected = "a panic in `a::c` or `a::d` ends the process, and the whole batch is delivered again, since the \
                        own profile has `panic = \"abort\"`; set `panic = \"unwind\"` under `[profile.own]` in the \
                        Cargo.toml of the workspace, so that only its record fails";
        assert_eq!(of_aborting_batches(&registry, "own", true).as_deref(), Some(expected));
        for (manifest, expected) in [
            ("[profile.release]\npanic = 'unwind'", None),
            ("[profile.release]\npanic = 'abort'", Some("so that only its record fails")),
            ("", Some("there, too: lto = true, codegen-units = 1, strip = \"debuginfo\"")),
        ] {
            let warning = of_batches_to_abort(&registry, &CargoConfig::of(manifest));
            assert_eq!(warning.is_some(), expected.is_some(), "{manifest}");
            let warning = warning.unwrap_or_default();
            assert!(warning.ends_with(expected.unwrap_or_default()), "{warning}");
            assert!(expected.is_none() || warning.starts_with("a panic in `a::b` or `a::c` or `a::d` "), "{warning}");
        }
    }

    #[test]
    fn a_handler_whose_needs_panicked_is_named() {
        let broken = json!({ "problem": "the `needs` of a parameter panicked: boom" });
        assert_eq!(
            warnings(&[handler("a::b", 1, &broken), handler("a::c", 2, &json!({}))], &[]),
            ["the handler at src/lib.rs:1 cannot start: the `needs` of a parameter panicked: boom"]
        );
    }

    #[test]
    fn around_functions_that_are_not_named_or_not_registered_are_reported() {
        let around = |name: &str, line: u32| json!({ "path": name, "file": "src/lib.rs", "line": line, "needs": [] });
        let mut stateful = around("a::all", 3);
        stateful["needs"] = json!(["a::Missing"]);
        let registry = json!({
            "mayfly": "0.1.0", "handlers": [handler("a::b", 1, &json!({ "around": ["a::own", "a::bare"] }))],
            "arounds": [stateful, around("a::lost", 7), around("a::own", 9)], "around": ["a::all"],
        });
        assert_eq!(
            of(&serde_json::from_value(registry).expect("it is a registry")),
            [
                "`a::all` takes `State<a::Missing>`, but no `#[mayfly::init]` function returns it",
                "no `around = …` names the function `a::lost` at src/lib.rs:7: name it in `mayfly::main!`, for all \
                 handlers, or in the attribute of a handler; otherwise it runs around nothing, unless a `main` of your \
                 own names it at run time",
                "`around = …` names `a::bare`, which is not under `#[mayfly::around]`; add the attribute to the function",
            ]
        );
    }

    #[test]
    fn duplicates_and_missing_inits_are_named_with_their_places() {
        let default = json!({ "default": true });
        let needs = json!({ "needs": ["a::Missing", "a::Twice"], "name": "a::b" });
        let handlers = [handler("a::b", 1, &default), handler("a::c", 2, &default), handler("a::d", 3, &needs)];
        assert_eq!(
            warnings(&handlers, &[init("a::i", 4, "a::Twice"), init("a::j", 5, "a::Twice")]),
            [
                "the handler `a::b` is registered at src/lib.rs:1 and at src/lib.rs:3; give one a `name`",
                "several handlers are marked `default`, at src/lib.rs:1 and at src/lib.rs:2; keep one",
                "`a::d` takes `State<a::Missing>`, but no `#[mayfly::init]` function returns it",
                "`a::d` takes `State<a::Twice>`, and two inits return it: at src/lib.rs:4 and at src/lib.rs:5",
            ]
        );
    }
}
