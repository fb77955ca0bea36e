//! `cargo mayfly template --check`: compares a template with the binaries and reports the results.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use glob::Pattern;

use crate::handlers::registry::Registry;
use crate::handlers::settings::Settings;
use crate::opts::{Selection, Template};
use crate::project::compile::{self, CompiledBinary};
use crate::project::metadata::Project;
use crate::template::check::{self, ComparedBinaries, Findings};
use crate::template::declared::{Declarations, Declared, Location};
use crate::template::document;
use crate::template::read;

/// The exit code if a function of the template would not start, or none of its functions belongs to the binaries.
const WRONG: u8 = 1;

/// Compares the functions of a template with the selected binaries.
pub(crate) fn check(file: &Path, options: &Template, project: &Project) -> Result<ExitCode> {
    let shown = file.display().to_string();
    let text = fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
    let declarations = document::read(&text).and_then(|documents| read::declarations(&documents));
    let declarations = declarations.with_context(|| format!("{shown} cannot be compared"))?;
    let only = patterns(&options.function, &declarations.functions)?;
    let (compared, names) = ask(project, options)?;
    let findings = check::compare(&declarations.functions, &compared, &only);
    Ok(Comparison { shown, declarations, findings, names }.messages().print())
}

/// Reads the patterns of `--function`.
fn patterns(names: &[String], functions: &[Declared]) -> Result<Vec<Pattern>> {
    let pattern = |name: &String| {
        let pattern = Pattern::new(name).with_context(|| format!("--function `{name}` is not a valid pattern"))?;
        if !functions.iter().any(|function| pattern.matches(&function.id)) {
            let ids: Vec<_> = functions.iter().map(|function| function.id.as_str()).collect();
            bail!("the template has no function `{name}`; it has: {}", ids.join(", "));
        }
        Ok(pattern)
    };
    names.iter().map(pattern).collect()
}

/// Builds the selected binaries and reads their registries. Returns their names in words, too.
fn ask(project: &Project, options: &Template) -> Result<(ComparedBinaries, String)> {
    let binaries = project.binaries(&options.selection, &options.compilation.cargo.features)?;
    let (programs, _) = compile::with_handlers(compile::programs(project, &binaries, &options.compilation)?)?;
    let mut registries: Vec<Registry> = Vec::new();
    let mut zips = vec![Settings::ARTIFACT.to_owned()];
    for CompiledBinary { binary, executable, .. } in &programs {
        registries.push(Registry::of(executable)?);
        let settings = Settings::new(&options.function_flags, project.settings_of(&binary.id))?;
        zips.extend([format!("{}.zip", binary.name), settings.artifact]);
    }
    let asked: Vec<_> = programs.iter().map(|program| &program.binary).collect();
    let names: Vec<_> = asked.iter().map(|it| format!("`{}` of package `{}`", it.name, it.package)).collect();
    let words = format!("the {} {}", if names.len() == 1 { "binary" } else { "binaries" }, names.join(", "));
    let all = Selection { workspace: true, ..Selection::default() };
    let further = project.binaries(&all, &options.compilation.cargo.features).unwrap_or_default();
    let further = further.iter().filter(|other| asked.iter().all(|it| it.package != other.package));
    let compared = ComparedBinaries {
        registry: combined(&registries),
        binaries: asked.iter().map(|binary| binary.name.clone()).collect(),
        elsewhere: further.map(|binary| binary.package.replace('-', "_")).collect::<BTreeSet<_>>(),
        registries,
        zips,
    };
    Ok((compared, words))
}

/// Combines registries into one with all their handlers.
fn combined(registries: &[Registry]) -> Registry {
    let handlers = registries.iter().flat_map(|registry| &registry.handlers).cloned();
    Registry { handlers: handlers.collect(), ..Registry::default() }
}

/// The results for a template.
struct Comparison {
    /// The path of the template.
    shown: String,
    declarations: Declarations,
    /// The findings for each function.
    findings: Vec<Findings>,
    /// The names of the binaries in words.
    names: String,
}

/// The output and exit code of the command.
#[derive(Debug, Default)]
struct Messages {
    err: Vec<String>,
    out: Option<String>,
    code: u8,
}

impl Comparison {
    /// Formats the results. Without errors, the check succeeds only if a handler was compared, or could not be.
    fn messages(&self) -> Messages {
        let Self { shown, declarations, findings, names } = self;
        let mut messages = Messages::default();
        messages.err.extend(
            declarations.unread.iter().map(|(place, why)| format!("warning: {}: {} {why}", self.at(place), place.path)),
        );
        for (function, findings) in declarations.functions.iter().zip(findings) {
            let at = self.at(&function.location);
            messages.err.extend(findings.warnings.iter().map(|warning| format!("warning: {at}: {warning}")));
            messages.err.extend(findings.errors.iter().map(|error| format!("error: {at}: {error}")));
        }
        if findings.iter().any(|findings| !findings.errors.is_empty()) {
            return Messages { code: WRONG, ..messages };
        }
        match (findings.iter().filter(|findings| findings.is_compared).count(), messages.err.is_empty()) {
            (0, true) => {
                let which = if findings.is_empty() { "it has no functions" } else { "none of its functions" };
                let of = if findings.is_empty() { String::new() } else { format!(" belongs to {names}") };
                messages.err.push(format!("error: {shown}: {which}{of}: is it the right file?"));
                messages.code = WRONG;
            }
            (0, false) => messages.err.push(format!("warning: {shown}: no handler could be compared")),
            (1, _) => messages.out = Some(format!("{shown}: 1 handler, which is in {names}")),
            (compared, _) => messages.out = Some(format!("{shown}: {compared} handlers, all in {names}")),
        }
        messages
    }

    fn at(&self, place: &Location) -> String {
        place.line.map_or_else(|| self.shown.clone(), |line| format!("{}:{line}", self.shown))
    }
}

impl Messages {
    fn print(self) -> ExitCode {
        self.err.iter().for_each(|line| eprintln!("{line}"));
        self.out.iter().for_each(|line| println!("{line}"));
        ExitCode::from(self.code)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A binary `bootstrap` of a package `shop`, in a workspace with another package `mail`.
    fn shop() -> ComparedBinaries {
        let handler = |path: &str, name: Option<&str>| {
            json!({
                "path": path, "alias": null, "name": name, "default": false, "async": false, "file": "src/lib.rs",
                "line": 1, "event": null, "reply": "()", "needs": [],
            })
        };
        let handlers =
            [handler("shop::order", None), handler("shop::cancel", None), handler("shop::clean", Some("nightly"))];
        let registries =
            vec![serde_json::from_value(json!({ "mayfly": "0.1.0", "handlers": handlers, "inits": [] })).unwrap()];
        ComparedBinaries {
            registry: combined(&registries),
            registries,
            binaries: vec!["bootstrap".to_owned()],
            zips: vec!["lambda.zip".to_owned(), "bootstrap.zip".to_owned()],
            elsewhere: BTreeSet::from(["mail".to_owned()]),
        }
    }

    fn output(shown: &str, text: &str, only: &[&str]) -> String {
        let declarations = read::declarations(&document::read(text).unwrap()).unwrap();
        let only: Vec<_> = only.iter().map(|name| (*name).to_owned()).collect();
        let only = patterns(&only, &declarations.functions).unwrap();
        let findings = check::compare(&declarations.functions, &shop(), &only);
        let names = "the binary `bootstrap` of package `shop`".to_owned();
        let Messages { err, out, code } =
            Comparison { shown: shown.to_owned(), declarations, findings, names }.messages();
        let lines = err.into_iter().chain(out).chain([format!("exit code {code}")]);
        lines.map(|line| line + "\n").collect()
    }

    #[test]
    fn each_template_has_the_expected_findings() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/templates"));
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (expected, templates): (Vec<_>, Vec<_>) =
            files.partition(|file| file.extension().is_some_and(|extension| extension == "txt"));
        assert_eq!(expected.len(), templates.len(), "each has its findings");
        assert!(templates.len() > 20, "{templates:?}");
        for template in templates {
            let name = template.file_name().unwrap().to_str().unwrap();
            let text = fs::read_to_string(&template).unwrap();
            // The first line may have flags of the command.
            let only: Vec<_> = text.lines().next().unwrap().split("--function ").skip(1).map(str::trim).collect();
            let expected = fs::read_to_string(template.with_extension("txt")).unwrap();
            assert_eq!(output(name, &text, &only), expected, "{name}");
        }
    }

    #[test]
    fn a_named_function_must_exist() {
        let declarations = read::declarations(&document::read("functions: [{id: A}, {id: B}]").unwrap()).unwrap();
        let error = patterns(&["C*".to_owned()], &declarations.functions).unwrap_err().to_string();
        assert_eq!(error, "the template has no function `C*`; it has: A, B");
    }
}
