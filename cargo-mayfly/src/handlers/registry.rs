//! [`Registry`]: the handlers, inits, hooks and around functions that a binary lists when `MAYFLY_LIST=json` is set.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use memchr::memmem;
use serde::{Deserialize, Serialize};

/// The version of this command.
const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");
/// The time that a binary has to list its handlers.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The handlers, inits, hooks and around functions of a binary.
///
/// The runtime writes this as JSON. Other versions of mayfly may add members, which are ignored, or lack some, which
/// get their defaults; only members that no command can do without are required.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Registry {
    /// The version of mayfly in the binary.
    pub(crate) mayfly: String,
    /// The handlers, sorted by path. A path that is registered twice is listed twice.
    #[serde(default)]
    pub(crate) handlers: Vec<Handler>,
    /// The inits, sorted by path.
    #[serde(default)]
    pub(crate) inits: Vec<Init>,
    /// The hooks, sorted by moment and path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hooks: Vec<Hook>,
    /// The functions with `#[mayfly::around]`, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) arounds: Vec<OtherFunction>,
    /// The paths of the functions around every invocation, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) around: Vec<String>,
    /// The versions of all copies of mayfly in the binary. With several copies, this registry is that of one of them.
    #[serde(skip)]
    pub(crate) copies: Vec<String>,
}

/// A function with `#[mayfly::handler]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the JSON")]
pub(crate) struct Handler {
    pub(crate) path: String,
    /// The path with the package's name in front, if that differs from the crate's.
    pub(crate) alias: Option<String>,
    /// The attribute's `name = "…"`.
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) default: bool,
    #[serde(default, rename = "async")]
    pub(crate) is_async: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The source text of the event's type, if the handler takes an event.
    pub(crate) event: Option<String>,
    /// The source text of the return type.
    #[serde(default)]
    pub(crate) reply: String,
    /// The types of the states that the handler takes.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// The reason why `needs` is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
    /// The source of the records that a function with `#[mayfly::batch]` takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<String>,
    /// The number of records that a function with `#[mayfly::batch]` handles at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) concurrency: Option<usize>,
    /// `abort` for a batch function if a panic ends the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) panic: Option<String>,
    /// The paths of the functions that the attribute's `around = …` names, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) around: Vec<String>,
    /// Whether the function has `#[mayfly::service]`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) service: bool,
    /// Whether the responses of the service or the route are streamed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) stream: bool,
    /// Whether the service takes the routes of the binary.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) routes: bool,
    /// The methods of a route; other handlers have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) methods: Vec<String>,
    /// The pattern of a route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern: Option<String>,
}

/// A function with `#[mayfly::init]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Init {
    #[serde(flatten)]
    pub(crate) function: OtherFunction,
    /// The type of the state that it returns.
    pub(crate) provides: String,
}

/// A function that runs at the end of the process, before a snapshot or after the restore.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Hook {
    #[serde(flatten)]
    pub(crate) function: OtherFunction,
    /// The name of the attribute: `shutdown`, `before_snapshot` or `after_restore`.
    pub(crate) attribute: String,
}

/// A registered function that is not a handler.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct OtherFunction {
    pub(crate) path: String,
    #[serde(default, rename = "async")]
    pub(crate) is_async: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The types of the states that it takes.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Handler {
    /// Returns the strings that select the handler: path, name and alias.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        [Some(&self.path), self.name.as_ref(), self.alias.as_ref()].into_iter().flatten()
    }
}

impl Registry {
    /// Returns whether a binary can list its handlers: code that `mayfly::main!` runs names the variable that asks for
    /// it.
    pub(crate) fn is_in(executable: &Path) -> Result<bool> {
        Ok(names_the_variable(&read(executable)?))
    }

    /// Runs a binary and reads its list.
    pub(crate) fn of(executable: &Path) -> Result<Self> {
        let name = executable.file_name().unwrap_or(executable.as_os_str()).to_string_lossy();
        let bytes = read(executable)?;
        // A program that is not one of mayfly's is never run: it might do anything.
        if !names_the_variable(&bytes) {
            return Err(not_listed(&name));
        }
        let mut command = Command::new(executable);
        // Without the address of an API, the binary cannot start to serve invocations.
        command.env("MAYFLY_LIST", "json").env_remove("AWS_LAMBDA_RUNTIME_API").stdin(Stdio::null());
        let running = spawn(command.stdout(Stdio::piped()));
        let mut running = running.with_context(|| format!("{} could not be run", executable.display()))?;
        let json = read_within(TIMEOUT, running.stdout.take());
        // It has ended already, or it never would.
        let _ = running.kill();
        running.wait().context("a binary could not be waited for")?;
        Ok(Self { copies: copies(&bytes), ..parse(&name, &json)? })
    }
}

/// Reads the JSON of a binary's list.
fn parse(binary: &str, json: &[u8]) -> Result<Registry> {
    serde_json::from_slice(json).map_err(|error| match version(json) {
        Some(version) => other_version(binary, &version, &error),
        None => not_listed(binary),
    })
}

/// Reads the version alone and ignores everything else in the list.
fn version(json: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct VersionOnly {
        mayfly: String,
    }
    let mut values = serde_json::Deserializer::from_slice(json).into_iter::<VersionOnly>();
    Some(values.next()?.ok()?.mayfly)
}

fn other_version(binary: &str, version: &str, error: &serde_json::Error) -> anyhow::Error {
    let remedy = if version == OWN_VERSION {
        "build both from the same source".to_owned()
    } else {
        format!("install the cargo-mayfly of that version, or use mayfly {OWN_VERSION}")
    };
    anyhow!(
        "`{binary}` was built with mayfly {version}, whose list of handlers cargo-mayfly {OWN_VERSION} cannot read \
         ({error}): {remedy}"
    )
}

fn not_listed(binary: &str) -> anyhow::Error {
    anyhow!("`{binary}` does not list handlers; is its `main` written by `mayfly::main!`?")
}

fn read(executable: &Path) -> Result<Vec<u8>> {
    fs::read(executable).with_context(|| format!("{} cannot be read", executable.display()))
}

fn names_the_variable(executable: &[u8]) -> bool {
    memmem::find(executable, b"MAYFLY_LIST").is_some()
}

/// Finds the mark that each copy of mayfly leaves in an executable, and returns the sorted versions in the marks.
fn copies(executable: &[u8]) -> Vec<String> {
    const BEFORE: &[u8] = b"\x1ecopy of mayfly ";
    let versions = memmem::find_iter(executable, BEFORE).filter_map(|at| {
        let version = executable[at + BEFORE.len()..].split(|byte| *byte == b'\x1e').next()?;
        Some(String::from_utf8_lossy(version).into_owned())
    });
    let mut versions: Vec<_> = versions.collect();
    versions.sort();
    versions
}

/// Starts a program that may just have been written. A process that is forked meanwhile holds the file open until it
/// runs its own program, and the system does not run a file that is open for writing: retry until it is closed.
fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..100 {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(Duration::from_millis(10)),
            running => return running,
        }
    }
    command.spawn()
}

/// Reads a stream to its end, at most for this time: a binary with another `main` might never end.
fn read_within(timeout: Duration, stream: Option<ChildStdout>) -> Vec<u8> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if stream.is_some_and(|mut stream| stream.read_to_end(&mut bytes).is_ok()) {
            // After the timeout there is no receiver.
            let _ = sender.send(bytes);
        }
    });
    receiver.recv_timeout(timeout).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: &str = r#"{"mayfly":"0.1.0","handlers":[{"path":"a::b","alias":"c::b","name":"n","default":true,
        "async":true,"file":"src/lib.rs","line":7,"event":"Order","reply":"()","needs":["a::Db"],"problem":"p",
        "batch":"sqs","concurrency":20,"around":["a::w"]}],
        "inits":[{"path":"a::i","async":true,"file":"src/lib.rs","line":3,"provides":"a::Db","needs":["a::Pool"]}],
        "hooks":[{"path":"a::h","attribute":"shutdown","async":true,"file":"src/lib.rs","line":9,"needs":["a::Db"]}],
        "arounds":[{"path":"a::w","async":true,"file":"src/lib.rs","line":11,"needs":["a::Db"]}],"around":["a::w"]}"#;

    #[test]
    fn a_complete_list_keeps_every_member() {
        let registry = parse("bootstrap", COMPLETE.as_bytes()).unwrap();
        let complete: serde_json::Value = serde_json::from_str(COMPLETE).unwrap();
        assert_eq!(serde_json::to_value(registry).unwrap(), complete);
    }

    #[test]
    fn members_that_an_older_version_lacks_have_defaults() {
        let older = r#"{"mayfly":"0.0.9","handlers":[{"path":"a::b","file":"src/lib.rs","line":7}]}"#;
        let registry = parse("bootstrap", older.as_bytes()).unwrap();
        let handler = &registry.handlers[0];
        assert_eq!((registry.mayfly.as_str(), registry.inits.len()), ("0.0.9", 0));
        assert_eq!((handler.path.as_str(), handler.line), ("a::b", 7));
        assert!(!handler.default && !handler.is_async && handler.needs.is_empty() && handler.event.is_none());
        let inits = r#"{"mayfly":"0.0.9","inits":[{"path":"a::i","file":"src/lib.rs","line":3,"provides":"a::Db"}]}"#;
        let init = &parse("bootstrap", inits.as_bytes()).unwrap().inits[0].function;
        assert!(!init.is_async && init.needs.is_empty());
        let empty = parse("bootstrap", br#"{"mayfly":"0.0.9"}"#).unwrap();
        assert!(empty.handlers.is_empty() && empty.hooks.is_empty());
    }

    #[test]
    fn members_that_a_newer_version_adds_are_ignored() {
        let newer = COMPLETE.replace("\"line\":", "\"column\":4,\"on\":[{\"sqs\":\"Orders\"}],\"line\":");
        let newer = newer.replacen("\"handlers\"", "\"routes\":[{\"method\":\"GET\"}],\"handlers\"", 1);
        let registry = parse("bootstrap", newer.replace("0.1.0", "7.0.0").as_bytes()).unwrap();
        assert_eq!((registry.mayfly.as_str(), registry.handlers.len(), registry.inits.len()), ("7.0.0", 1, 1));
    }

    #[test]
    fn a_list_that_cannot_be_read_names_both_versions_and_the_remedy() {
        for (json, error) in [
            (r#"{"mayfly":"9.9.0","handlers":[{"name":"b"}]}"#, "missing field `path` at line 1 column 42"),
            (
                r#"{"mayfly":"9.9.0","handlers":7}"#,
                "invalid type: integer `7`, expected a sequence at line 1 column 30",
            ),
            ("{\"mayfly\":\"9.9.0\"}\n{\"path\":\"a::b\"}", "trailing characters at line 2 column 1"),
        ] {
            let expected = format!(
                "`bootstrap` was built with mayfly 9.9.0, whose list of handlers cargo-mayfly {OWN_VERSION} cannot \
                 read ({error}): install the cargo-mayfly of that version, or use mayfly {OWN_VERSION}"
            );
            assert_eq!(parse("bootstrap", json.as_bytes()).unwrap_err().to_string(), expected);
        }
        let same = format!("{{\"mayfly\":{OWN_VERSION:?},\"inits\":0}}");
        let error = parse("bootstrap", same.as_bytes()).unwrap_err().to_string();
        assert!(error.ends_with(": build both from the same source"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_binary_of_another_version_is_named_with_its_version() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("bootstrap");
        for (handlers, error) in [("[]", None), ("[{}]", Some("`bootstrap` was built with mayfly 9.9.0, whose list "))]
        {
            let json = format!("{{\"mayfly\":\"9.9.0\",\"handlers\":{handlers}}}");
            fs::write(&binary, format!("#!/bin/sh\n[ \"$MAYFLY_LIST\" = json ] && echo '{json}'\n")).unwrap();
            fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
            match (Registry::of(&binary), error) {
                (Ok(registry), None) => assert_eq!(registry.mayfly, "9.9.0"),
                (Err(seen), Some(error)) => assert!(seen.to_string().starts_with(error), "{seen}"),
                (seen, _) => panic!("{seen:?}"),
            }
        }
    }

    #[test]
    fn output_of_another_program_is_not_taken_for_a_list() {
        for output in ["", "hello", "{\"version\":1,\"handlers\":7}", "[]", "{}"] {
            let error = parse("tool", output.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, "`tool` does not list handlers; is its `main` written by `mayfly::main!`?", "{output}");
        }
    }
}
