//! What a package may be called.

use anyhow::{Result, bail};
use heck::ToSnakeCase as _;

use crate::settings::limits;

/// What the project depends on.
const DEPENDENCIES: [&str; 3] = ["mayfly", "serde", "serde_json"];

/// A name that cargo takes for a package, and rustc for its library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The package's.
    pub(crate) package: String,
    /// The library's, with which the paths of its handlers begin.
    pub(crate) library: String,
}

impl Name {
    /// Checks a name by cargo's own rules, and by those of rustc for a library and its dependencies.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub(crate) fn new(name: &str) -> Result<Self> {
        if let Some(wrong) = wrong_with(name) {
            bail!("a package cannot be called `{name}`: {wrong}");
        }
        if is_device(name) {
            eprintln!("warning: `{name}` is the name of a device on Windows, where this project cannot be checked out");
        }
        let mut library = name.replace('-', "_");
        // Of such names the compiler warns.
        if library.contains("__") || library.contains(|c: char| c.is_ascii_uppercase()) {
            library = library.to_snake_case();
        }
        Ok(Self { package: name.to_owned(), library })
    }

    /// Whether the library is called as cargo calls it unless told otherwise.
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
        _ if name.chars().all(|c| c == '_' || c == '-') => "it has neither letters nor digits",
        "test" => "Rust's own test library has that name",
        "build" | "deps" | "examples" | "incremental" => "cargo has a folder of that name among what it builds",
        _ if ["core", "std", "alloc", "proc_macro"].contains(&&*library) => "a library of Rust's own has that name",
        _ if DEPENDENCIES.contains(&&*library) => "the project depends on a package of that name",
        _ => "",
    };
    let wrong = if !wrong.is_empty() {
        wrong.to_owned()
    } else if let Some(c) = name.chars().find(|c| !is_allowed(*c)) {
        format!("it has the character `{c}`, and only letters, digits, `-` and `_` are allowed")
    } else if is_keyword(&library) {
        "it is a keyword of Rust".to_owned()
    } else if limits::handler(&format!("{library}::greet")).is_err() {
        format!("with it the paths of handlers are longer than the {} characters that Lambda takes", limits::HANDLER)
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
    fn the_library_has_a_name_that_the_compiler_likes() {
        for (package, library) in [("my-app", "my_app"), ("a1", "a1"), ("MyApp", "my_app"), ("my--app", "my_app")] {
            let name = Name::new(package).unwrap();
            assert_eq!((name.package.as_str(), name.library.as_str()), (package, library));
            assert_eq!(name.is_usual(), package.replace('-', "_") == library, "{package}");
        }
    }

    #[test]
    fn each_wrong_name_has_its_sentence() {
        for (name, wrong) in [
            ("", "it is empty"),
            ("größe", "a crate's name holds only ASCII characters"),
            ("a b", "it has the character ` `, and only letters, digits, `-` and `_` are allowed"),
            ("9lives", "it begins with a digit"),
            ("-x", "it begins with a `-`"),
            ("_", "it has neither letters nor digits"),
            ("match", "it is a keyword of Rust"),
            ("gen", "it is a keyword of Rust"),
            ("test", "Rust's own test library has that name"),
            ("proc-macro", "a library of Rust's own has that name"),
            ("deps", "cargo has a folder of that name among what it builds"),
            ("serde", "the project depends on a package of that name"),
        ] {
            let error = Name::new(name).unwrap_err().to_string();
            assert_eq!(error, format!("a package cannot be called `{name}`: {wrong}"));
        }
        assert!(Name::new(&"x".repeat(122)).unwrap_err().to_string().contains("128 characters"));
        assert!(Name::new(&"x".repeat(121)).is_ok());
    }

    #[test]
    fn devices_of_windows_are_known() {
        assert!(is_device("nul") && is_device("COM1"));
        assert!(!is_device("com") && !is_device("com10") && !is_device("lpt0"));
    }
}
