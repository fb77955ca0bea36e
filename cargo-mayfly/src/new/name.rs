//! [`Name`]: checks the name of a package.

use anyhow::{Result, bail};
use heck::ToSnakeCase as _;

use crate::lambda::limits;

/// The packages that the project depends on, and mayfly-macros.
const DEPENDENCIES: [&str; 4] = ["mayfly", "mayfly_macros", "serde", "serde_json"];
/// The macros that are in scope in every module and that `use name as _;` cannot import, because they are unstable or
/// also an attribute. A library with such a name cannot be imported.
const MACROS: [&str; 15] = [
    "alloc_error_handler",
    "bench",
    "cfg",
    "cfg_accessible",
    "cfg_eval",
    "concat_bytes",
    "define_opaque",
    "deref",
    "derive_const",
    "log_syntax",
    "pattern_type",
    "test_case",
    "thread_local",
    "trace_macros",
    "type_ascribe",
];

/// A name that cargo takes for a package, and rustc for its library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The name of the package.
    pub(crate) package: String,
    /// The name of the library, with which the paths of its handlers begin.
    pub(crate) library: String,
}

impl Name {
    /// Checks a name by the rules of cargo, and by those of rustc for a library and its dependencies.
    pub(crate) fn new(name: &str) -> Result<Self> {
        if let Some(wrong) = wrong_with(name) {
            bail!("a package cannot be called `{name}`: {wrong}");
        }
        if is_device(name) {
            eprintln!("warning: `{name}` is the name of a device on Windows: this project cannot be checked out there");
        }
        let mut library = name.replace('-', "_");
        // The compiler warns about such names of crates.
        if library.contains("__") || library.contains(|c: char| c.is_ascii_uppercase()) {
            library = library.to_snake_case();
        }
        Ok(Self { package: name.to_owned(), library })
    }

    /// Returns whether the library has the name that cargo gives it by default.
    pub(crate) fn is_usual(&self) -> bool {
        self.library == self.package.replace('-', "_")
    }
}

fn wrong_with(name: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let library = name.replace('-', "_");
    let wrong = match name {
        "" => "it is empty",
        _ if !name.is_ascii() => "a crate's name holds only ASCII characters",
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => "it begins with a digit",
        _ if name.starts_with('-') => "it begins with a `-`",
        _ if name.chars().all(|c| c == '_' || c == '-') => "it has no letters or digits",
        "test" => "Rust's own test library has that name",
        "build" | "deps" | "examples" | "incremental" => "cargo has a folder of that name in its target directory",
        _ if ["core", "std", "alloc", "proc_macro"].contains(&&*library) => "a library of Rust has that name",
        _ if MACROS.contains(&&*library) => "a macro of Rust has that name and hides the library",
        _ if DEPENDENCIES.contains(&&*library) => "the project depends on a package of that name",
        "axum" => "HTTP projects depend on a package of that name",
        _ => "",
    };
    let wrong = if !wrong.is_empty() {
        wrong.to_owned()
    } else if let Some(c) = name.chars().find(|c| !is_allowed(*c)) {
        format!("it has the character `{c}`, and only letters, digits, `-` and `_` are allowed")
    } else if is_keyword(&library) {
        "it is a keyword of Rust".to_owned()
    } else if limits::handler(&format!("{library}::greet")).is_err() {
        format!(
            "the paths of its handlers would be longer than the {} characters that Lambda takes",
            limits::MAX_HANDLER_CHARS
        )
    } else {
        return None;
    };
    Some(wrong)
}

fn is_keyword(name: &str) -> bool {
    name == "gen" || syn::parse_str::<syn::Ident>(name).is_err()
}

fn is_device(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let numbered = |name: &str| name.len() == 1 && name.starts_with(|c: char| ('1'..='9').contains(&c));
    ["con", "prn", "aux", "nul"].contains(&&*name)
        || ["com", "lpt"].iter().any(|device| name.strip_prefix(device).is_some_and(numbered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_has_a_name_without_compiler_warnings() {
        for (package, library) in [("my-app", "my_app"), ("a1", "a1"), ("MyApp", "my_app"), ("my--app", "my_app")] {
            let name = Name::new(package).unwrap();
            assert_eq!((name.package.as_str(), name.library.as_str()), (package, library));
            assert_eq!(name.is_usual(), package.replace('-', "_") == library, "{package}");
        }
    }

    #[test]
    fn each_invalid_name_is_explained() {
        for (name, wrong) in [
            ("", "it is empty"),
            ("größe", "a crate's name holds only ASCII characters"),
            ("a b", "it has the character ` `, and only letters, digits, `-` and `_` are allowed"),
            ("9lives", "it begins with a digit"),
            ("-x", "it begins with a `-`"),
            ("_", "it has no letters or digits"),
            ("match", "it is a keyword of Rust"),
            ("gen", "it is a keyword of Rust"),
            ("test", "Rust's own test library has that name"),
            ("proc-macro", "a library of Rust has that name"),
            ("deps", "cargo has a folder of that name in its target directory"),
            ("serde", "the project depends on a package of that name"),
            ("mayfly-macros", "the project depends on a package of that name"),
            ("axum", "HTTP projects depend on a package of that name"),
            ("test-case", "a macro of Rust has that name and hides the library"),
        ] {
            let error = Name::new(name).unwrap_err().to_string();
            assert_eq!(error, format!("a package cannot be called `{name}`: {wrong}"));
        }
        assert!(Name::new(&"x".repeat(122)).unwrap_err().to_string().contains("128 characters"));
        assert!(Name::new(&"x".repeat(121)).is_ok());
    }

    /// The stable names that are in scope in every module: macros, attributes, derives, types and tools.
    const KNOWN: &str = "allow assert assert_eq automatically_derived bool char clippy clone column compile_error concat \
        debug debug_assert default deny deprecated derive diagnostic doc drop env eprintln err export_name expect f64 file \
        format format_args global_allocator hash i32 include include_str inline line link macro_use matches miri \
        module_path must_use no_mangle none ok option option_env panic path print println repr result rust_analyzer \
        rustfmt send some str stringify todo track_caller u8 unimplemented unreachable vec warn write writeln";

    #[test]
    fn a_name_is_refused_exactly_if_a_library_of_that_name_cannot_be_imported() {
        let names: Vec<_> = MACROS.into_iter().chain(KNOWN.split(' ')).collect();
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = std::process::Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
            let command =
                command.current_dir(folder.path()).args(["--edition=2024", "--emit=metadata"]).args(arguments);
            String::from_utf8(command.output().unwrap().stderr).unwrap()
        };
        std::fs::write(folder.path().join("library.rs"), "").unwrap();
        run(&["--crate-type=lib", "-olibrary.rmeta", "library.rs"]);
        // Each name has a line of its own, whose number is in the compiler's message.
        let lines: Vec<_> = names.iter().map(|name| format!("use {name} as _;")).collect();
        std::fs::write(folder.path().join("main.rs"), lines.join("\n")).unwrap();
        let libraries: Vec<_> = names.iter().map(|name| format!("--extern={name}=library.rmeta")).collect();
        let mut arguments = vec!["--crate-type=lib", "--error-format=short", "main.rs"];
        arguments.extend(libraries.iter().map(String::as_str));
        let err = run(&arguments);
        for (at, name) in names.iter().enumerate() {
            let is_refused = err.contains(&format!("main.rs:{}:5: error", at + 1));
            assert_eq!(Name::new(name).is_err(), is_refused, "{name}: {err}");
        }
    }

    #[test]
    fn windows_devices_are_known() {
        assert!(is_device("nul") && is_device("COM1"));
        assert!(!is_device("com") && !is_device("com10") && !is_device("lpt0"));
    }
}
