//! [`Files`]: the files of a project, of which all are written, or none if one would overwrite a file of the user's.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The files to be written, with their texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files(Vec<(PathBuf, String)>);

impl Files {
    /// Adds a file that replaces an existing one; the text contains the old one.
    pub(crate) fn edit(&mut self, path: PathBuf, text: String) {
        self.0.push((path, text));
    }

    /// Adds a file unless it exists or was added already.
    pub(crate) fn offer(&mut self, path: PathBuf, text: String) {
        if path.symlink_metadata().is_err() && !self.paths().any(|other| *other == path) {
            self.0.push((path, text));
        }
    }

    /// Adds files of the folder. Without `force`, it is an error if they exist with other texts.
    pub(crate) fn need(&mut self, folder: &Path, files: Vec<(&str, String)>, force: bool) -> Result<()> {
        let is_in_the_way = |(path, text): &&(&str, String)| !force && is_other(&folder.join(path), text);
        let in_the_way: Vec<_> = files.iter().filter(is_in_the_way).map(|(path, _)| *path).collect();
        if !in_the_way.is_empty() {
            bail!(
                "these files would be overwritten: {}; nothing was written: move them, or use --force",
                in_the_way.join(", ")
            );
        }
        self.0.extend(files.into_iter().map(|(path, text)| (folder.join(path), text)));
        Ok(())
    }

    /// Returns the paths of the files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter().map(|(path, _)| path)
    }

    /// Writes all files.
    pub(crate) fn write(&self) -> Result<()> {
        for (path, text) in &self.0 {
            let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
            written.with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }
}

/// The `main.rs` of `cargo new`, which contains nothing of the user's.
const MAIN_OF_CARGO: &str = "fn main() {\n    println!(\"Hello, world!\");\n}\n";

/// Returns whether the path exists with another text.
fn is_other(path: &Path, text: &str) -> bool {
    let there = fs::read_to_string(path).ok();
    path.symlink_metadata().is_ok()
        && there.is_none_or(|there| ![text, MAIN_OF_CARGO].contains(&there.replace("\r\n", "\n").as_str()))
}
