//! The tables of flags in `docs/commands.md`, as `cargo mayfly COMMAND -h` prints them. With `MAYFLY_DOCS=overwrite` the
//! test writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use mayfly_tests::cargo_mayfly;

use crate::page::{page, pages, workspace};

const COMMANDS: [&str; 7] = ["new", "init", "list", "invoke", "build", "template", "dev"];
const PAGE: &str = "docs/commands.md";

/// A flag or an argument, and its description.
#[derive(Clone, PartialEq)]
struct Flag {
    name: String,
    text: String,
}

/// Returns what `cargo mayfly` prints for these arguments.
fn help(arguments: &[&str]) -> String {
    let output = Command::new(cargo_mayfly()).args(arguments).output().expect("it can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("help is text")
}

/// Returns the flags of a command, and those among them that are cargo's.
fn flags(command: &str) -> [Vec<Flag>; 2] {
    let help = help(&[command, "-h"]);
    let [mut own, mut cargos]: [Vec<Flag>; 2] = Default::default();
    let mut section = "";
    for line in help.lines() {
        if let Some(heading) = line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            section = heading;
            continue;
        }
        let flags = match section {
            "Arguments" | "Options" => &mut own,
            "" | "Example" | "Examples" | "Commands" => continue,
            _ => &mut cargos,
        };
        if let Some(row) = line.strip_prefix("  ").map(str::trim_start).filter(|row| row.starts_with(['-', '<', '['])) {
            let (name, text) = row.split_once("  ").unwrap_or((row, ""));
            flags.push(Flag { name: name.to_owned(), text: text.trim().to_owned() });
        } else if let (Some(last), false) = (flags.last_mut(), line.is_empty()) {
            let gap = if last.text.is_empty() { "" } else { " " };
            last.text.extend([gap, line.trim()]);
        }
    }
    own.retain(|flag| flag.name != "-h, --help");
    [own, cargos]
}

fn table(flags: &[Flag]) -> String {
    let mut table = "| Flag | Meaning |\n|---|---|\n".to_owned();
    for Flag { name, text } in flags {
        // In brackets it could be a link.
        let mut text = text.replace('|', "\\|");
        if let Some((before, note)) = text.strip_suffix(']').and_then(|text| text.rsplit_once(" [")) {
            text = format!("{before} ({note})");
        }
        writeln!(table, "| `{name}` | {text} |").expect("a string takes everything");
    }
    table
}

#[test]
fn flags_are_those_of_the_help() {
    let text = &page(PAGE).text;
    let mut written = text.clone();
    let mut put = |name: &str, flags: &[Flag]| {
        let begin = format!("<!-- flags of {name} -->\n");
        let (before, rest) = written.split_once(&begin).unwrap_or_else(|| panic!("{PAGE} has {begin}"));
        let (_, after) = rest.split_once("<!-- end -->").expect("the table has an end");
        written = format!("{before}{begin}\n{}\n<!-- end -->{after}", table(flags));
    };
    let all = flags("invoke")[1].clone();
    for command in COMMANDS {
        let [own, cargos] = flags(command);
        put(command, &own);
        assert!(cargos.iter().all(|flag| all.contains(flag)), "{command} has a flag of cargo's that `invoke` has not");
        let missing: Vec<_> = all.iter().filter(|flag| !cargos.contains(flag)).map(|flag| &*flag.name).collect();
        match command {
            "new" | "init" => assert!(cargos.is_empty(), "{command} has flags of cargo's"),
            "build" => assert_eq!(missing, ["--release"]),
            _ => assert!(missing.is_empty(), "{command} lacks {missing:?}"),
        }
    }
    put("cargo", &all);
    if std::env::var_os("MAYFLY_DOCS").is_some_and(|value| value == "overwrite") {
        fs::write(workspace().join(PAGE), written).expect("the page can be written");
    } else {
        assert!(*text == written, "run this test with MAYFLY_DOCS=overwrite, and read the difference of {PAGE}");
    }
}

#[test]
fn every_command_has_a_section() {
    let help = help(&["-h"]);
    let (_, commands) = help.split_once("Commands:\n").expect("the help lists the commands");
    let listed = commands.lines().map_while(|line| line.strip_prefix("  ")).filter_map(|line| line.split(' ').next());
    let listed: Vec<_> = listed.filter(|&command| command != "help").collect();
    assert_eq!(listed, COMMANDS);
}

#[test]
fn commands_on_pages_have_only_flags_that_exist() {
    let known: BTreeMap<_, _> = COMMANDS.map(|command| (command, flags(command).concat())).into_iter().collect();
    for page in pages() {
        let blocks = page.blocks.iter().filter(|block| block.language == "sh");
        let blocks: String = blocks.map(|block| block.code.replace("\\\n", " ")).collect();
        let spans = page.words_and_code().1;
        let commands = blocks.lines().chain(spans.iter().map(|span| &**span));
        for line in commands.flat_map(|line| line.split("cargo mayfly ").skip(1)) {
            let line = line.split(['|', '#', '&']).next().unwrap_or_default();
            let Some(flags) = line.split(' ').next().and_then(|command| known.get(command)) else { continue };
            for flag in line.split(' ').filter(|word| word.len() > 1 && word.starts_with('-')) {
                let is_it = |known: &Flag| known.name.split([',', ' ']).any(|name| name == flag);
                assert!(flags.iter().any(is_it) || flag == "--help", "{}: cargo mayfly {line}: {flag}", page.path);
            }
        }
    }
}
