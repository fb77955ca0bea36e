//! The build script: writes each block of Rust on a page to a file of its own, and the modules that hold these files.

use std::fs;
use std::path::Path;

use page::{blocks_of, workspace};

#[expect(dead_code, reason = "`documents` reads more of a page")]
#[path = "../tests/documents/page.rs"]
mod page;

/// The block that is the library of this package.
const FIRST: &str = "getting_started_1";
/// The attributes of the routes on pages.
const ROUTES: [&str; 3] = ["#[mayfly::get(", "#[mayfly::post(", "#[mayfly::route("];

fn main() {
    for path in ["README.md", "CONTRIBUTING.md", "docs"] {
        println!("cargo::rerun-if-changed={}", workspace().join(path).display());
    }
    let out = std::env::var("OUT_DIR").expect("cargo names a folder");
    let out = Path::new(&out);
    let (mut modules, mut number) = ([const { String::new() }; 3], 0);
    let mut previous = "";
    for (page, block) in blocks_of("rust") {
        number = if page.path == previous { number + 1 } else { 1 };
        previous = &page.path;
        let name = format!("{}_{number}", name_of(&page.path));
        let file = out.join(format!("{name}.rs"));
        fs::write(&file, &block.code).expect("the folder can be written");
        if name != FIRST {
            let path = file.to_string_lossy();
            modules[kind_of(&block.code)].extend(["#[path = ", &*format!("{path:?}"), "]\nmod ", &name, ";\n"]);
        }
    }
    for (kind, modules) in ["functions", "programs", "routes"].iter().zip(modules) {
        fs::write(out.join(format!("{kind}.rs")), modules).expect("the folder can be written");
    }
}

/// Returns the name of a page as a module: `docs/events/sqs.md` is `events_sqs`.
fn name_of(path: &str) -> String {
    let name = path.trim_start_matches("docs/").trim_end_matches(".md");
    name.to_lowercase().replace(['/', '-'], "_")
}

/// Returns the number of the test that holds a block. Routes of several pages would be in conflict when tests call them.
fn kind_of(code: &str) -> usize {
    let has = |texts: &[&str]| texts.iter().any(|text| code.contains(text));
    match (has(&["fn main()", "mayfly::main!"]) || has(&ROUTES), code.contains("test]")) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    }
}
