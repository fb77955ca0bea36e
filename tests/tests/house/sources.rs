//! `Source`: a Rust file with its syntax, read from the folder `src` of a package.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file.
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) syntax: syn::File,
}

/// The files of a package by their path below `src`, with `/` between its parts.
pub(crate) type Sources = BTreeMap<String, Source>;

/// Parses the files of a package, given as path and text.
pub(crate) fn parse(files: impl IntoIterator<Item = (String, String)>) -> Sources {
    let parse = |(path, text): (String, String)| match syn::parse_file(&text) {
        Ok(syntax) => (path, Source { text, syntax }),
        Err(error) => panic!("{path}: {error}"),
    };
    files.into_iter().map(parse).collect()
}

/// Reads every Rust file below `src`.
pub(crate) fn read(src: &Path) -> Sources {
    let name = |path: &Path| {
        let parts = path.strip_prefix(src).expect("the file is below `src`").iter();
        parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(rust_files(src).iter().map(|path| (name(path), text(path))))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => rust_files(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}
