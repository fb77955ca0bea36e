//! The rules themselves, tested on small crates that break them.

use crate::rules::complaints;
use crate::sources::parse;

/// Lists the complaints about a crate of these files.
fn about(files: &[(&str, &str)]) -> Vec<String> {
    complaints(&parse(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))))
}

#[track_caller]
fn assert_complaints(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(about(files), expected);
}

/// The only complaint about a crate of a `lib.rs` that declares `a`, `b` and `c`, and these three files.
#[track_caller]
fn assert_circle(files: [&str; 3], expected: &str) {
    let [a, b, c] = files;
    let files = [("lib.rs", "mod a;\nmod b;\nmod c;"), ("a.rs", a), ("b.rs", b), ("c.rs", c)];
    assert_complaints(&files, if expected.is_empty() { &[] } else { std::slice::from_ref(&expected) });
}

#[test]
fn arrows_in_one_direction_are_no_circle() {
    assert_circle(["use crate::b::B;", "use crate::c::{self, C};", "pub(crate) struct C;"], "");
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    assert_circle(
        ["use crate::b::B;", "\nuse super::a::A;", ""],
        "a circle of 2 files:\n    a.rs → b.rs (line 1: crate::b::B)\n    b.rs → a.rs (line 2: super::a::A)",
    );
}

#[test]
fn a_circle_of_three_files_shows_all_its_arrows() {
    assert_circle(
        ["use crate::b::{B, b};", "use crate::c;", "fn f() {\n    crate::a::f();\n}"],
        "a circle of 3 files:\n    a.rs → b.rs (line 1: crate::b::B, line 1: crate::b::b)\n    \
         b.rs → c.rs (line 1: crate::c)\n    c.rs → a.rs (line 2: crate::a::f)",
    );
}

#[test]
fn paths_in_code_are_arrows_as_well() {
    let back = [
        "fn f() -> crate::b::B { todo!() }",
        "fn f() { let _ = crate::b::B { x: 1 }; }",
        "fn f(x: u8) { match x { crate::b::B => {} } }",
        "impl crate::b::B for u8 {}",
        "#[derive(crate::b::B)] struct A;",
        "fn f() { assert!(g(), \"{}\", [crate::b::B]); }",
        "macro_rules! m { () => { crate::b::B } }",
        "m! { use crate::b::{B, C}; }",
        "fn f() { crate::b::B!(); }",
        "use crate::b; fn f() { b::B(); }",
        "use crate::b as other; fn f() { vec![other::B]; }",
        "fn f() { use crate::b::*; }",
        "mod inner { use super::super::b::B; }",
    ];
    for a in back {
        let complaints = about(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", "use crate::a::A;")]);
        assert!(complaints.len() == 1 && complaints[0].starts_with("a circle of 2 files"), "{a}: {complaints:?}");
    }
}

#[test]
fn code_of_tests_and_of_other_crates_is_no_arrow() {
    let none = [
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(all(test, unix))] fn f() { crate::b::f(); }",
        "impl A { #[cfg(test)] fn f() { crate::b::f(); } }",
        "fn f() { quote!(crate::b::B); }",
        "macro_rules! m { () => { $crate::b::B } }",
        "use ::b::B; fn f() { ::b::f(); m!(::b::f()); }",
        "use b::B; fn f() { b::f(); }",
        "fn f() { log::info!(\"crate::b::B\"); }",
        "use other::crate_b as b; fn f() { b::g(); }",
    ];
    for a in none {
        assert_complaints(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", "use crate::a::A;")], &[]);
    }
}

#[test]
fn code_that_is_not_only_for_tests_is_an_arrow() {
    for a in ["#[cfg(any(test, fuzzing))] use crate::b::B;", "#[cfg(not(test))] use crate::b::B;"] {
        let complaints = about(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", "use crate::a::A;")]);
        assert_eq!(complaints.len(), 1, "{a}: {complaints:?}");
    }
}

#[test]
fn a_path_through_a_face_is_an_import_of_the_face() {
    let files = [
        ("lib.rs", "mod a;\nmod face;"),
        ("a.rs", "use crate::face::B;"),
        ("face.rs", "mod b;\npub(crate) use b::B;"),
        ("face/b.rs", "use crate::a::A;"),
    ];
    let circle = "a circle of 3 files:\n    a.rs → face.rs (line 1: crate::face::B)\n    \
                  face.rs → face/b.rs (line 2: b::B)\n    face/b.rs → a.rs (line 1: crate::a::A)";
    assert_complaints(&files, &[circle]);
    let direct = [files[0], ("a.rs", "use crate::face::b::B;"), files[2], ("face/b.rs", "")];
    assert_complaints(&direct, &[]);
}

#[test]
fn a_child_that_imports_its_face_is_named() {
    let files =
        |child| [("lib.rs", "mod face;"), ("face.rs", "mod b;\nmod c;"), ("face/b.rs", child), ("face/c.rs", "")];
    for (child, path) in [("\nuse super::C;", "super::C"), ("\nuse crate::face::C;", "crate::face::C")] {
        let complaint = format!(
            "face/b.rs:2: imports face.rs, which declares this file, by {path}; import the file that defines the name"
        );
        assert_complaints(&files(child), &[&complaint]);
    }
    assert_complaints(&files("use super::c::C;"), &[]);
}

#[test]
fn an_import_of_the_crates_root_is_named() {
    let files = [("lib.rs", "mod a;\nmod b;\nmod c;\npub use b::B;"), ("a.rs", "use crate::B;"), ("b.rs", "")];
    let macros = ("c.rs", "#[macro_export] macro_rules! m { () => {} }\npub use crate::m as other;");
    assert_complaints(
        &[&files[..], &[macros]].concat(),
        &["a.rs:1: imports lib.rs, which declares this file, by crate::B; import the file that defines the name"],
    );
}

#[test]
fn a_macro_without_a_path_is_an_import_of_its_file() {
    let circle = "a circle of 2 files:\n    a.rs → b.rs (line 1: shout!)\n    b.rs → a.rs (line 1: crate::a::A)";
    let used = ("a.rs", "fn f() { shout!(); }");
    let defined = ("b.rs", "use crate::a::A; macro_rules! shout { () => {} }");
    assert_complaints(&[("main.rs", "#[macro_use] mod b; mod a;"), used, defined], &[circle]);
    assert_complaints(&[("main.rs", "mod b; mod a;"), used, defined], &[]);
}

#[test]
fn a_face_that_holds_code_is_named() {
    for (code, count) in [("fn f() {}", 1), ("mod inner { fn f() {} }", 1), ("struct A;\nimpl A {}", 2), ("m!();", 1)] {
        let face = format!("//! Docs.\nmod b;\n{code}");
        let complaint = format!("face.rs:3: a face holds docs, `mod` and `use` only, not {count} items");
        assert_complaints(&[("lib.rs", "mod face;"), ("face.rs", &face), ("face/b.rs", "")], &[&complaint]);
    }
    let tested =
        "//! Docs.\n#![expect(dead_code)]\n#[cfg(unix)]\nmod b;\npub use b::*;\n#[cfg(test)]\nmod tests { fn f() {} }";
    assert_complaints(&[("lib.rs", "mod face;"), ("face.rs", tested), ("face/b.rs", "")], &[]);
}

#[test]
fn a_file_without_a_folder_may_hold_code() {
    assert_complaints(&[("lib.rs", "mod a; fn f() {}"), ("a.rs", "fn f() {}")], &[]);
}

#[test]
fn a_long_file_is_named_its_docs_and_tests_apart() {
    let code = |lines| "//! Docs.\n".to_owned() + &"fn f() {}\n".repeat(lines) + "#[cfg(test)]\nmod tests {\n\n\n}\n";
    assert_complaints(&[("lib.rs", &code(250))], &[]);
    assert_complaints(&[("lib.rs", &code(251))], &["lib.rs: 251 lines of code, more than 250"]);
}

#[test]
fn files_and_modules_without_each_other_are_named() {
    assert_complaints(
        &[("lib.rs", "mod a; mod lost;"), ("a.rs", ""), ("a/b.rs", "")],
        &["a/b.rs: no `mod` leads to this file", "lib.rs: `mod lost` needs the file lost.rs"],
    );
}

#[test]
fn a_library_and_a_program_of_one_package_are_read_each_by_itself() {
    let files =
        [("lib.rs", "pub mod a;"), ("main.rs", "mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::a::A;")];
    let from_root = |file, root, path| {
        format!("{file}:1: imports {root}, which declares this file, by {path}; import the file that defines the name")
    };
    let complaints = [from_root("a.rs", "lib.rs", "crate::b::B"), from_root("b.rs", "main.rs", "crate::a::A")];
    assert_complaints(&files, &[&complaints[0], &complaints[1]]);
}
