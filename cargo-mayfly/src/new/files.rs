//! The files of a project: all are written, or, when one of them is in somebody's way, none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// What is going to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files(Vec<(PathBuf, String)>);

impl Files {
    /// Writes a file, whatever is there: its text holds what was.
    pub(crate) fn edit(&mut self, path: PathBuf, text: String) {
        self.0.push((path, text));
    }

    /// Writes a file if there is none, nor one to be written.
    pub(crate) fn offer(&mut self, path: PathBuf, text: String) {
        if path.symlink_metadata().is_err() && !self.paths().any(|other| *other == path) {
            self.0.push((path, text));
        }
    }

    /// Writes these files in the folder.
    pub(crate) fn need(&mut self, folder: &Path, files: Vec<(&str, String)>, force: bool) -> Result<()> {
        let is_in_the_way = |(path, text): &&(&str, String)| !force && is_other(&folder.join(path), text);
        let in_the_way: Vec<_> = files.iter().filter(is_in_the_way).map(|(path, _)| *path).collect();
        if !in_the_way.is_empty() {
            bail!(
                "what is there would be overwritten: {}; nothing was written, move it or use --force",
                in_the_way.join(", ")
            );
        }
        self.0.extend(files.into_iter().map(|(path, text)| (folder.join(path), text)));
        Ok(())
    }

    /// Where they are.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter().map(|(path, _)| path)
    }

    /// Writes them all.
    pub(crate) fn write(&self) -> Result<()> {
        for (path, text) in &self.0 {
            let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
            written.with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }
}

/// What `cargo new` writes: nobody has put anything of their own into it.
const MAIN_OF_CARGO: &str = "fn main() {\n    println!(\"Hello, world!\");\n}\n";

/// Whether something is there that is not that text already.
fn is_other(path: &Path, text: &str) -> bool {
    let there = fs::read_to_string(path).ok();
    path.symlink_metadata().is_ok()
        && there.is_none_or(|there| ![text, MAIN_OF_CARGO].contains(&there.replace("\r\n", "\n").as_str()))
}
