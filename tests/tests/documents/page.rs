//! `Page` and `Block`: the documents as the tests read them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A document of the repository.
pub(crate) struct Page {
    /// The path from the workspace, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
}

/// A block between fences.
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) code: String,
    /// The paragraph before it, in one line.
    pub(crate) before: String,
}

/// Returns the folder of the workspace, which is around the package that compiles this file: this one, or `pages`.
pub(crate) fn workspace() -> &'static Path {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.find(|folder| folder.join("docs").is_dir()).expect("the workspace is around this package")
}

/// Returns `README.md`, `CONTRIBUTING.md` and every page in `docs`.
pub(crate) fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let mut paths = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
        paths.extend(files_in("docs"));
        paths.into_iter().map(Page::read).collect()
    })
}

/// Returns the page of that path.
pub(crate) fn page(path: &str) -> &'static Page {
    pages().iter().find(|page| page.path == path).unwrap_or_else(|| panic!("there is no page {path}"))
}

/// Returns the blocks of a language on all pages.
pub(crate) fn blocks_of(language: &str) -> impl Iterator<Item = (&'static Page, &'static Block)> {
    let blocks = pages().iter().flat_map(|page| page.blocks.iter().map(move |block| (page, block)));
    blocks.filter(move |(_, block)| block.language == language)
}

/// Returns the paths of all files in a folder of the workspace and those inside it, in order.
pub(crate) fn files_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(workspace().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.expect("an entry can be read");
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            paths.extend(files_in(&path));
        } else {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

impl Page {
    fn read(path: String) -> Self {
        let text = fs::read_to_string(workspace().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let blocks = blocks(&path, &text);
        Self { path, text, blocks }
    }

    /// Returns the only block of a language with `text` in it.
    pub(crate) fn block_with(&self, language: &str, text: &str) -> &Block {
        let mut found = self.blocks.iter().filter(|block| block.language == language && block.code.contains(text));
        let block = found.next().unwrap_or_else(|| panic!("{} has no {language} block with `{text}`", self.path));
        assert!(found.next().is_none(), "{} has several {language} blocks with `{text}`", self.path);
        block
    }

    /// Returns the lines outside of blocks.
    pub(crate) fn prose(&self) -> Vec<&str> {
        let mut is_block = false;
        let lines = self.text.lines().filter(|line| {
            let is_fence = line.trim_start().starts_with("```");
            is_block ^= is_fence;
            !is_block && !is_fence
        });
        lines.collect()
    }

    /// Returns the text outside of blocks, without its code, and the code in its lines.
    pub(crate) fn words_and_code(&self) -> (String, Vec<String>) {
        let prose = self.prose().join("\n");
        let (mut words, mut code, mut rest) = (String::new(), Vec::new(), &*prose);
        while let Some(start) = rest.find('`') {
            let ticks = rest[start..].bytes().take_while(|&byte| byte == b'`').count();
            let (before, inside) = (&rest[..start], &rest[start + ticks..]);
            words.push_str(before);
            let end = inside.find(&"`".repeat(ticks)).unwrap_or_else(|| panic!("{}: `{inside}", self.path));
            code.push(inside[..end].replace('\n', " "));
            rest = &inside[end + ticks..];
        }
        words.push_str(rest);
        (words, code)
    }

    /// Returns the path of something that this page names relative to itself.
    pub(crate) fn resolve(&self, relative: &str) -> PathBuf {
        workspace().join(&self.path).parent().expect("a page is in a folder").join(relative)
    }
}

fn blocks(path: &str, text: &str) -> Vec<Block> {
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    let (mut paragraph, mut is_over): (Vec<&str>, bool) = (Vec::new(), false);
    for line in text.lines().map(str::trim_end) {
        match (open.as_mut(), line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => {
                let (language, before) = (language.to_owned(), paragraph.join(" "));
                open = Some(Block { language, code: String::new(), before });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.code.extend([line, "\n"]),
            (None, None) if line.is_empty() => is_over = true,
            (None, None) => {
                paragraph.truncate(if is_over { 0 } else { paragraph.len() });
                is_over = false;
                paragraph.push(line);
            }
        }
    }
    assert!(open.is_none(), "{path}: the last block is not closed");
    blocks
}

/// Returns the text between `before` and `after`.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
