//! Lists the handlers of binaries as a table or as JSON.

use std::fs;
use std::process::ExitCode;

use anyhow::Result;
use comfy_table::{Table, presets};
use serde::Serialize;

use crate::handlers::registry::{Handler, OtherFunction, Registry};
use crate::handlers::warnings;
use crate::list::missing;
use crate::list::stray;
use crate::list::variables::Variables;
use crate::opts;
use crate::project::cargo_config::CargoConfig;
use crate::project::compile::{self, CompiledBinary};
use crate::project::metadata::Project;

/// A binary with its handlers and warnings, as `--json` prints it.
#[derive(Serialize)]
struct Listing {
    package: String,
    bin: String,
    #[serde(flatten)]
    registry: Registry,
    warnings: Vec<String>,
    /// Whether the binary's `main` names a library.
    #[serde(skip)]
    names_library: bool,
}

/// Builds the binaries, reads the registry of each, and prints their handlers.
pub(crate) fn list(options: &opts::List) -> Result<ExitCode> {
    let project = Project::load(&options.compilation.cargo.manifest)?;
    let how = &options.compilation;
    let binaries = project.binaries(&options.selection, &how.cargo.features)?;
    let programs: Result<_> = binaries.iter().map(|binary| compile::program(&project, binary, how)).collect();
    let mut listings = Vec::new();
    for CompiledBinary { binary, executable, crates } in compile::with_handlers(programs?)?.0 {
        let registry = Registry::of(&executable)?;
        let mut warnings = warnings::of(&registry);
        // Lambda gets the release build of `cargo mayfly build`, whose settings may differ from cargo's.
        let of_batches = match how.profile() {
            "dev" | "release" => warnings::of_batches_to_abort(&registry, &CargoConfig::read(project.root())),
            profile => warnings::of_aborting_batches(&registry, profile, true),
        };
        warnings.extend(of_batches);
        if registry.copies.len() < 2 {
            // With several copies of mayfly, the handlers may be in the registry of another copy.
            warnings.extend(missing::warnings(&project, &crates, &registry));
        }
        warnings.extend(stray::warnings(&project, &crates));
        let main = crates.iter().find(|krate| krate.is_binary).and_then(|krate| fs::read_to_string(&krate.root).ok());
        let names_library = main.is_some_and(|main| names_library(&main));
        listings.push(Listing { package: binary.package, bin: binary.name, registry, warnings, names_library });
    }
    warn_of_environment(&mut listings);
    let mut warnings: Vec<_> = listings.iter().flat_map(|listing| &listing.warnings).collect();
    while let Some((warning, rest)) = warnings.split_first() {
        eprintln!("warning: {warning}");
        // A warning that concerns several binaries is printed once.
        warnings = rest.iter().copied().filter(|other| other != warning).collect();
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&listings)?);
    } else {
        let shown: Vec<_> = listings.iter().map(show).collect();
        println!("{}", shown.join("\n\n"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds warnings about environment variables. A handler that they name must be in one of the binaries only.
fn warn_of_environment(listings: &mut [Listing]) {
    let environment = Variables(|name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned()));
    let wrong: Vec<_> =
        listings.iter().map(|listing| environment.wrong_handler(&listing.registry, &listing.bin)).collect();
    let is_nowhere = wrong.iter().all(Option::is_some);
    for (listing, wrong) in listings.iter_mut().zip(wrong) {
        listing.warnings.extend(wrong.filter(|_| is_nowhere));
        listing.warnings.extend(environment.warnings());
    }
}

fn show(listing: &Listing) -> String {
    let heading = format!("binary `{}` of package `{}`", listing.bin, listing.package);
    if listing.registry.handlers.is_empty() && listing.registry.copies.len() > 1 {
        return format!("{heading}\n  has no handlers that its `main` can see");
    }
    if listing.registry.handlers.is_empty() {
        return format!("{heading}\n  has no handlers; {}", remedy(listing.names_library));
    }
    let Registry { handlers, hooks, arounds, .. } = &listing.registry;
    let header = ["HANDLER", "KIND", "EVENT", "REPLY", "STATES", "PLACE"];
    let mut shown = format!("{heading}\n{}", table(header, handlers.iter().map(row)));
    if !hooks.is_empty() {
        shown.push('\n');
        let rows = hooks.iter().map(|hook| row_of(&hook.function, hook.attribute.clone()));
        shown.push_str(&table(["HOOK", "KIND", "ATTRIBUTE", "STATES", "PLACE"], rows));
    }
    if !arounds.is_empty() {
        shown.push('\n');
        let rows = arounds.iter().map(|around| row_of(around, handlers_of(around, &listing.registry)));
        shown.push_str(&table(["AROUND", "KIND", "HANDLERS", "STATES", "PLACE"], rows));
    }
    shown
}

/// Writes a table without lines between its cells.
fn table<const COLUMNS: usize>(header: [&str; COLUMNS], rows: impl Iterator<Item = [String; COLUMNS]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table.add_rows(rows);
    let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Returns advice on how to add handlers to a binary.
fn remedy(names_library: bool) -> &'static str {
    if names_library {
        "write `#[mayfly::handler]` above a function of the library"
    } else {
        "if they are in a library, name it: `mayfly::main!(my_app);`"
    }
}

/// Returns whether the `main` of a binary names a library, whose handlers are linked in then.
fn names_library(main: &str) -> bool {
    main.lines().filter_map(|line| line.split_once("main!(")).any(|(before, library)| {
        let is_code = !before.contains("//");
        let first = library.split([',', '=', ')']).next().unwrap_or_default().trim();
        is_code && first != "around" && first.starts_with(|c: char| c.is_alphabetic() || c == '_')
    })
}

fn row(handler: &Handler) -> [String; 6] {
    let names = [Some(handler.path.clone()), handler.alias.clone(), handler.name.clone()];
    let mut names = names.into_iter().flatten().collect::<Vec<_>>().join("\n");
    if handler.default {
        names.push_str(" (default)");
    }
    [
        names,
        kind(handler.is_async),
        event_and_arounds(handler),
        handler.reply.clone(),
        states(&handler.needs),
        format!("{}:{}", handler.file, handler.line),
    ]
}

/// Returns the row of a function that is not a handler; `third` is the cell after its kind.
fn row_of(function: &OtherFunction, third: String) -> [String; 5] {
    let OtherFunction { path, file, line, .. } = function;
    [path.clone(), kind(function.is_async), third, states(&function.needs), format!("{file}:{line}")]
}

/// Returns the handlers that an around function runs around.
fn handlers_of(around: &OtherFunction, registry: &Registry) -> String {
    let own = registry.handlers.iter().filter(|handler| handler.around.contains(&around.path));
    let own: Vec<_> = own.map(|handler| handler.path.as_str()).collect();
    match own.as_slice() {
        _ if registry.around.contains(&around.path) => "all".to_owned(),
        [] => "-".to_owned(),
        handlers => handlers.join("\n"),
    }
}

fn kind(is_async: bool) -> String {
    if is_async { "async" } else { "sync" }.to_owned()
}

fn states(needs: &[String]) -> String {
    if needs.is_empty() { "-".to_owned() } else { needs.join("\n") }
}

/// Returns the event of a handler, and the functions around it.
fn event_and_arounds(handler: &Handler) -> String {
    let arounds = handler.around.iter().map(|path| format!("around {path}"));
    [event(handler)].into_iter().chain(arounds).collect::<Vec<_>>().join("\n")
}

/// Returns the event of a handler: its type, or the requests that it serves.
fn event(handler: &Handler) -> String {
    let at_once = handler.concurrency.filter(|records| *records > 1).map(|records| format!(", {records} at once"));
    let at_once = at_once.unwrap_or_default();
    let streamed = if handler.stream { ", streamed" } else { "" };
    match (&handler.pattern, &handler.event) {
        (Some(pattern), _) => format!("{} {pattern}{streamed}", handler.methods.join("|")),
        (None, _) if handler.service && handler.routes => format!("HTTP, with routes{streamed}"),
        (None, _) if handler.service => format!("HTTP{streamed}"),
        (None, Some(event)) => match &handler.batch {
            Some(source) => format!("{event}, a batch of {source}{at_once}"),
            None => event.clone(),
        },
        (None, None) => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_and_a_route_show_the_requests_that_they_serve() {
        let handler = |more: &str| -> Handler {
            let json =
                format!(r#"{{"path": "a::b", "file": "src/lib.rs", "line": 1, "alias": null, "name": null, {more}}}"#);
            serde_json::from_str(&json).unwrap()
        };
        for (more, shown) in [
            (r#""event": null"#, "-"),
            (r#""event": "Order""#, "Order"),
            (r#""event": "Sqs<Order>", "batch": "sqs""#, "Sqs<Order>, a batch of sqs"),
            (r#""event": "Sqs<Order>", "batch": "sqs", "concurrency": 1"#, "Sqs<Order>, a batch of sqs"),
            (r#""event": "Sqs<Order>", "batch": "sqs", "concurrency": 20"#, "Sqs<Order>, a batch of sqs, 20 at once"),
            (r#""event": null, "service": true"#, "HTTP"),
            (r#""event": null, "service": true, "routes": true"#, "HTTP, with routes"),
            (r#""event": null, "service": true, "stream": true"#, "HTTP, streamed"),
            (r#""event": null, "service": true, "routes": true, "stream": true"#, "HTTP, with routes, streamed"),
            (r#""event": null, "methods": ["GET"], "pattern": "/ticks", "stream": true"#, "GET /ticks, streamed"),
            (r#""event": null, "methods": ["GET", "HEAD"], "pattern": "/orders/{id}""#, "GET|HEAD /orders/{id}"),
        ] {
            assert_eq!(event(&handler(more)), shown, "{more}");
        }
    }

    #[test]
    fn hooks_stand_in_a_table_of_their_own() {
        let json = r#"{"mayfly":"0.1.0","handlers":[{"path":"a::b","file":"src/lib.rs","line":1}],"hooks":[
            {"path":"a::flush","attribute":"shutdown","async":true,"file":"src/lib.rs","line":7,"needs":["a::Db"]},
            {"path":"a::close","attribute":"before_snapshot","file":"src/lib.rs","line":9}]}"#;
        let registry = serde_json::from_str(json).unwrap();
        let (package, bin) = ("a".to_owned(), "bootstrap".to_owned());
        let shown = show(&Listing { package, bin, registry, warnings: Vec::new(), names_library: true });
        let words: Vec<Vec<_>> = shown.lines().skip(3).map(|line| line.split_whitespace().collect()).collect();
        let expected = [
            "HOOK KIND ATTRIBUTE STATES PLACE",
            "a::flush async shutdown a::Db src/lib.rs:7",
            "a::close sync before_snapshot - src/lib.rs:9",
        ];
        assert_eq!(words, expected.map(|line| line.split(' ').collect::<Vec<_>>()));
    }

    #[test]
    fn around_functions_stand_below_the_event_of_their_handler_and_in_a_table_of_their_own() {
        let json = r#"{"mayfly":"0.1.0","around":["a::all"],"handlers":[
            {"path":"a::b","file":"src/lib.rs","line":1,"event":"Order","reply":"()","around":["a::audit","a::retry"]},
            {"path":"a::c","file":"src/lib.rs","line":3,"reply":"()","around":["a::audit"]}],"arounds":[
            {"path":"a::all","async":true,"file":"src/lib.rs","line":5,"needs":["a::Db"]},
            {"path":"a::audit","file":"src/lib.rs","line":7},{"path":"a::lost","file":"src/lib.rs","line":9},
            {"path":"a::retry","file":"src/lib.rs","line":11}]}"#;
        let registry = serde_json::from_str(json).unwrap();
        let (package, bin) = ("a".to_owned(), "bootstrap".to_owned());
        let shown = show(&Listing { package, bin, registry, warnings: Vec::new(), names_library: true });
        let words = shown.lines().skip(2).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let expected = [
            "a::b sync Order () - src/lib.rs:1",
            "around a::audit",
            "around a::retry",
            "a::c sync - () - src/lib.rs:3",
            "around a::audit",
            "AROUND KIND HANDLERS STATES PLACE",
            "a::all async all a::Db src/lib.rs:5",
            "a::audit sync a::b - src/lib.rs:7",
            "a::c",
            "a::lost sync - - src/lib.rs:9",
            "a::retry sync a::b - src/lib.rs:11",
        ];
        assert_eq!(words.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_main_that_names_its_library_gets_another_remedy() {
        for (main, names) in [
            ("mayfly::main!(my_app);", true),
            ("//! A.\n\nmf::main!( my_app, other );\n", true),
            ("mayfly::main!(my_app, around = [my_app::trace]);", true),
            ("mayfly::main!();", false),
            ("mayfly::main!(around = [trace]);", false),
            ("// mayfly::main!(my_app);\nmayfly::main!();", false),
            ("fn main() {}", false),
        ] {
            assert_eq!(names_library(main), names, "{main}");
        }
        assert_ne!(remedy(true), remedy(false));
    }
}
