//! Compares the functions of a template with the handlers of the binaries.

use std::collections::BTreeSet;

use glob::Pattern;
use serde_json::Value;

use crate::handlers::registry::{Handler, Registry};
use crate::handlers::select::{self, HandlerSetting};
use crate::lambda::limits;
use crate::lambda::runtime::Runtime;
use crate::template::declared::{Configured, Declared, Setting};

/// The largest edit distance at which a path is taken for a misspelt path of the binary.
const MAX_DISTANCE: usize = 2;

/// The binaries that a template is compared with.
#[derive(Debug)]
pub(crate) struct ComparedBinaries {
    /// The registries of the binaries.
    pub(crate) registries: Vec<Registry>,
    /// A registry with the handlers of all binaries.
    pub(crate) registry: Registry,
    /// The names of the binaries.
    pub(crate) binaries: Vec<String>,
    /// The names of the zips that a build writes for them.
    pub(crate) zips: Vec<String>,
    /// The crates of other packages in the workspace, whose handlers are not compared.
    pub(crate) elsewhere: BTreeSet<String>,
}

/// The result for a function in one case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// The function belongs to another runtime or binary.
    Foreign,
    /// The handler was found.
    Found,
    /// The function would not start, or not be deployed; a sentence.
    Wrong(String),
    /// The function cannot be checked; a sentence.
    Unknown(String),
}

/// The results for a function in all cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// Whether one of its handlers was compared.
    pub(crate) is_compared: bool,
}

/// Compares each function with the binaries. If there are patterns, only the functions whose names match are compared.
pub(crate) fn compare(functions: &[Declared], compared: &ComparedBinaries, only: &[Pattern]) -> Vec<Findings> {
    let is_chosen = |function: &&Declared| only.is_empty() || only.iter().any(|name| name.matches(&function.id));
    let cases = functions.iter().filter(is_chosen).flat_map(|function| &function.cases);
    let of_handlers = cases.filter(|case| compared.has_handler_of(case)).map(|case| &case.artifact);
    let judge = Judge { compared, artifacts: of_handlers.collect(), is_chosen: !only.is_empty() };
    functions.iter().map(|it| if is_chosen(&it) { judge.findings(it) } else { Findings::default() }).collect()
}

impl ComparedBinaries {
    fn has_handler_of(&self, case: &Configured) -> bool {
        case.other.is_none() && case.handler.text().is_some_and(|name| select::is_named(&self.registry, name.trim()))
    }
}

struct Judge<'a> {
    compared: &'a ComparedBinaries,
    /// The code of functions whose handlers certainly belong to a binary.
    artifacts: Vec<&'a Value>,
    /// Whether the functions were chosen by name.
    is_chosen: bool,
}

impl Judge<'_> {
    fn findings(&self, function: &Declared) -> Findings {
        let mut findings = Findings::default();
        for case in &function.cases {
            let sentence =
                |clause: &str| format!("{}{}", case.when, clause.replace("{function}", &function.location.path));
            match self.verdict(case, &function.id) {
                Verdict::Foreign => {}
                Verdict::Found => findings.is_compared = true,
                Verdict::Wrong(clause) => {
                    findings.is_compared = true;
                    findings.errors.push(sentence(&clause));
                }
                Verdict::Unknown(clause) => findings.warnings.push(sentence(&clause)),
            }
        }
        findings
    }

    /// Judges a case. In the sentences, `{function}` is a placeholder for the function's place.
    fn verdict(&self, case: &Configured, id: &str) -> Verdict {
        if let Some(other) = case.other {
            return self.foreign(other);
        }
        let runtime = match &case.runtime {
            Setting::Text(runtime) if runtime.starts_with("provided") => Ok(()),
            Setting::Text(runtime) => return self.foreign(&format!("has the Runtime `{runtime}`")),
            Setting::Absent => Err("{function} has no Runtime".to_owned()),
            Setting::Unknown(why) => Err(format!("the Runtime of {{function}} {why}")),
        };
        let handler = match &case.handler {
            Setting::Text(handler) => handler,
            Setting::Absent if runtime.is_ok() => return Verdict::Wrong("{function} has no Handler".to_owned()),
            Setting::Absent => return Verdict::Unknown("{function} has neither Runtime nor Handler".to_owned()),
            Setting::Unknown(why) => {
                return Verdict::Unknown(format!("the Handler of {{function}} {why}, and is not compared"));
            }
        };
        if let (Ok(()), Some(wrong)) = (&runtime, wrong_with(handler)) {
            return Verdict::Wrong(format!("the Handler of {{function}} is {handler:?}, {wrong}"));
        }
        if self.is_ours(case, handler.trim()) {
            return self.verdict_of_ours(case, handler);
        }
        if let Some(package) = self.package_elsewhere(handler.trim()) {
            return Verdict::Unknown(format!(
                "the Handler of {{function}} is `{handler}`, and is not compared: package `{package}` is not selected"
            ));
        }
        self.verdict_of_unproven(case, handler, id, runtime)
    }

    /// Judges a case of a function that may belong to the binary.
    fn verdict_of_unproven(&self, case: &Configured, handler: &str, id: &str, runtime: Result<(), String>) -> Verdict {
        match runtime {
            // The binary's own name proves nothing: functions of other runtimes are called `bootstrap`, too.
            Ok(()) if !self.is_own_name(handler) && self.check(case, handler).is_ok() => Verdict::Found,
            Ok(()) => Verdict::Unknown(format!(
                "the Handler of {{function}} is `{handler}`, and nothing shows that it is a function of the binary: if \
                 it is, name it with --function {id}"
            )),
            Err(why) => Verdict::Unknown(format!(
                "{why}, and its Handler `{handler}` is not in the binary: if it is a function of the binary, name it \
                 with --function {id}"
            )),
        }
    }

    /// Ignores a function of another runtime, unless it was chosen by name.
    fn foreign(&self, why: &str) -> Verdict {
        if self.is_chosen { Verdict::Wrong(format!("{{function}} {why}")) } else { Verdict::Foreign }
    }

    /// Returns whether a function certainly belongs to the binary: it was chosen by name, names a handler, uses
    /// mayfly's own variable, shares the code of such a function, or its handler is a path in one of the binary's
    /// crates or a misspelt path of the binary.
    fn is_ours(&self, case: &Configured, handler: &str) -> bool {
        let is_of_mayfly = self.is_own_name(handler) && case.instead != Setting::Absent;
        let is_path = handler.contains("::") && syn::parse_str::<syn::Path>(handler).is_ok();
        self.is_chosen
            || select::is_named(&self.compared.registry, handler)
            || is_of_mayfly
            || is_path && self.package_elsewhere(handler).is_none() && self.is_like_a_path(handler)
            || is_one_program(&case.artifact) && self.artifacts.contains(&&case.artifact)
            || self.is_built_from(&case.artifact)
    }

    fn is_like_a_path(&self, handler: &str) -> bool {
        let krate = |path: &str| path.split("::").next().map(str::to_owned);
        let names: Vec<_> =
            self.compared.registry.handlers.iter().flat_map(Handler::names).map(String::as_str).collect();
        let is_of_crate = names.iter().any(|name| krate(name) == krate(handler));
        // A function with the same name in another crate may belong to another program.
        let distance = |name: &str| strsim::levenshtein(&name.to_lowercase(), &handler.to_lowercase());
        is_of_crate || names.iter().any(|name| distance(name) <= MAX_DISTANCE)
    }

    fn verdict_of_ours(&self, case: &Configured, handler: &str) -> Verdict {
        let runtime = case.runtime.text().unwrap_or_default();
        if let Some(refusal) = Runtime::refusal(runtime) {
            return Verdict::Wrong(format!("the Runtime of {{function}} is `{runtime}`, which {refusal}"));
        }
        match &case.instead {
            Setting::Unknown(why)
                if self.is_own_name(handler) && !select::is_named(&self.compared.registry, handler) =>
            {
                Verdict::Unknown(format!("MAYFLY_HANDLER of {{function}} {why}, and is not compared"))
            }
            _ => match self.check(case, handler) {
                Ok(()) => Verdict::Found,
                Err(wrong) => Verdict::Wrong(format!("the Handler of {{function}} {wrong}")),
            },
        }
    }

    /// Looks for the handler in each binary.
    fn check(&self, case: &Configured, handler: &str) -> Result<(), String> {
        let executable = self.compared.binaries.iter().map(String::as_str).find(|binary| *binary == handler);
        let instead = case.instead.text();
        let setting = HandlerSetting { handler, instead, executable: executable.unwrap_or("bootstrap") };
        if self.compared.registries.iter().any(|registry| setting.check(registry).is_ok()) {
            return Ok(());
        }
        setting.check(&self.compared.registry)
    }

    fn is_own_name(&self, handler: &str) -> bool {
        handler == "bootstrap" || self.compared.binaries.iter().any(|binary| binary == handler)
    }

    fn package_elsewhere(&self, handler: &str) -> Option<&str> {
        let krate = handler.split("::").next()?;
        self.compared.elsewhere.get(krate).map(String::as_str)
    }

    /// Returns whether the code is the zip that a build writes, or what cargo-lambda builds from a binary for SAM. A
    /// zip with the same name in another folder may come from another build.
    fn is_built_from(&self, artifact: &Value) -> bool {
        let text = |at: usize| artifact.get(at).and_then(Value::as_str);
        let file = text(0).map(|code| code.trim_start_matches("./"));
        let is_zip = file.is_some_and(|file| self.compared.zips.iter().any(|zip| zip.trim_start_matches("./") == file));
        let is_of_binary = text(2).is_some_and(|name| self.compared.binaries.iter().any(|binary| binary == name));
        is_zip || text(1) == Some("rust-cargolambda") && is_of_binary
    }
}

/// Returns whether all functions with this code run the same program. With `make`, each has a target of its own;
/// without a code, nothing is known.
fn is_one_program(artifact: &Value) -> bool {
    let is_named = artifact.get(0).is_some_and(|code| !code.is_null());
    is_named && artifact.get(1).and_then(Value::as_str) != Some("makefile")
}

/// Returns why Lambda refuses a Handler setting, if it does so for any program.
fn wrong_with(handler: &str) -> Option<String> {
    if handler.contains(char::is_whitespace) {
        return Some("and Lambda takes no white space in it".to_owned());
    }
    let length = handler.chars().count();
    let limit = limits::MAX_HANDLER_CHARS;
    (length > limit).then(|| format!("which has {length} characters, and Lambda takes at most {limit}"))
}
