//! The log levels, read from the directives in `LOGLEVEL`, `AWS_LAMBDA_LOG_LEVEL` or `RUST_LOG`.

use env_logger::Builder;
use log::LevelFilter;

const FORMS: &str = "write `level`, `module` or `module=level`, with commas between; a level is off, error, warn, \
                     info, debug or trace";

/// A module, or `None` for all modules, and its level.
type Directive<'a> = (Option<&'a str>, LevelFilter);

/// Sets the levels that the directives in `text` describe. Returns a sentence for each directive that may not have the
/// intended effect. `name` is the variable that holds `text`; a single word in it is meant as a level unless the
/// variable is `RUST_LOG`.
pub(crate) fn set(builder: &mut Builder, name: &str, text: &str) -> Vec<String> {
    let (directives, mut complaints) = directives(text);
    if let ([_, (Some(module), LevelFilter::Trace)], true) =
        (&directives[..], name != "RUST_LOG" && !text.contains('='))
    {
        complaints.push(format!("`{module}` is not a level, so it is read as a module; {FORMS}"));
    }
    for (module, level) in directives {
        builder.filter(module, level);
    }
    complaints
}

/// Parses directives as `env_logger` does: `level`, `module` (which means all its levels) or `module=level`, separated
/// by commas. The level of all other modules is `info` unless a directive sets it.
fn directives(text: &str) -> (Vec<Directive<'_>>, Vec<String>) {
    let (mut directives, mut complaints) = (vec![(None, LevelFilter::Info)], Vec::new());
    let (text, pattern) = text.split_once('/').map_or((text, None), |(all, rest)| (all, Some(rest)));
    if let Some(pattern) = pattern {
        complaints.push(format!("`/{pattern}` is ignored: filtering by text is not supported; {FORMS}"));
    }
    for directive in text.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
        match parse(directive) {
            Ok(parsed) => {
                if let Some(module) = parsed.0.filter(|module| module.contains('-')) {
                    let meant = module.replace('-', "_");
                    complaints.push(format!(
                        "`{directive}` names no module: a module's path has `_` in place of `-`, as in `{meant}`"
                    ));
                }
                directives.push(parsed);
            }
            Err(why) => complaints.push(format!("`{directive}` is ignored: {why}; {FORMS}")),
        }
    }
    (directives, complaints)
}

/// Parses one directive, or returns the reason why it is ignored.
fn parse(directive: &str) -> Result<Directive<'_>, &'static str> {
    let (module, level_name) = match directive.split_once('=') {
        Some((module, level_name)) => (module.trim(), Some(level_name.trim())),
        None => match level(directive) {
            Some(level) => return Ok((None, level)),
            None => (directive, None),
        },
    };
    // Any character outside ASCII is accepted: Unicode's tables would add 2.5 KB to each binary.
    let is_of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte) || !byte.is_ascii();
    let invalid = module.bytes().find(|&byte| !is_of_path(byte));
    match invalid.or(module.bytes().next().filter(u8::is_ascii_digit)) {
        Some(b' ') => return Err("a comma is missing"),
        Some(b'[') => return Err("spans are not supported"),
        None if !module.is_empty() => {}
        _ => return Err("it does not start with a module's path"),
    }
    match level_name {
        None | Some("") => Ok((Some(module), LevelFilter::Trace)),
        Some(level_name) => level(level_name).map(|level| (Some(module), level)).ok_or("it does not end in a level"),
    }
}

/// Returns the level of that name, which is one of `log`'s or one of `AWS_LAMBDA_LOG_LEVEL`'s.
fn level(name: &str) -> Option<LevelFilter> {
    match name.trim().to_ascii_lowercase().as_str() {
        "off" => Some(LevelFilter::Off),
        "error" | "fatal" | "critical" => Some(LevelFilter::Error),
        "warn" | "warning" => Some(LevelFilter::Warn),
        "info" => Some(LevelFilter::Info),
        "debug" => Some(LevelFilter::Debug),
        "trace" => Some(LevelFilter::Trace),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use log::{Level, Log as _, Metadata};
    use proptest::collection::vec;
    use proptest::proptest;

    use super::*;

    #[test]
    fn levels_are_read_in_every_spelling() {
        for (name, expected) in [
            ("INFO", Some(LevelFilter::Info)),
            ("Warning", Some(LevelFilter::Warn)),
            (" FATAL ", Some(LevelFilter::Error)),
            ("off", Some(LevelFilter::Off)),
            ("Error", Some(LevelFilter::Error)),
            ("critical", Some(LevelFilter::Error)),
            ("warn", Some(LevelFilter::Warn)),
            ("debug", Some(LevelFilter::Debug)),
            ("TRACE", Some(LevelFilter::Trace)),
            ("loud", None),
        ] {
            assert_eq!(level(name), expected, "{name}");
        }
    }

    /// Returns the targets and levels that a logger logs.
    fn logged(mut builder: Builder) -> Vec<(&'static str, Level)> {
        let logger = builder.build();
        let targets = ["my_app", "my_app::orders", "my_app::orders::place", "other", "größe::maß"];
        let all = targets.into_iter().flat_map(|target| Level::iter().map(move |level| (target, level)));
        all.filter(|(target, level)| logger.enabled(&Metadata::builder().target(target).level(*level).build()))
            .collect()
    }

    /// Compares with `env_logger`'s own parser, with `info` as the default level.
    fn assert_as_env_logger(text: &str) {
        let (mut ours, mut theirs) = (Builder::new(), Builder::new());
        assert_eq!(set(&mut ours, "RUST_LOG", text), [""; 0], "{text}");
        theirs.filter_level(LevelFilter::Info).parse_filters(text);
        assert_eq!(logged(ours), logged(theirs), "{text}");
    }

    #[test]
    fn directives_have_the_meaning_that_env_logger_documents() {
        for text in [
            "",
            ",",
            "info",
            "my_app",
            "my_app=",
            "my_app=info",
            "my_app::orders",
            "my_app=debug,my_app::orders=off",
            "info,my_app=debug",
            "my_app=debug,warn",
            "warn,error",
            "error,my_app::orders=trace,other",
            "WARN, my_app=Debug",
            "off",
            "größe",
        ] {
            assert_as_env_logger(text);
        }
    }

    proptest! {
        #[test]
        fn any_list_of_directives_is_read_as_env_logger_reads_it(
            given in vec("(my_app|my_app::orders|other|my|größe::maß)?=?(off|error|WARN|info|Debug|trace)?", 0..5)
        ) {
            let given: Vec<_> = given.into_iter().filter(|directive| !directive.starts_with('=')).collect();
            assert_as_env_logger(&given.join(","));
        }
    }

    #[test]
    fn an_ignored_directive_is_named_with_the_reason() {
        for (text, named, why) in [
            ("warn my_app=debug", "`warn my_app=debug` is ignored", "a comma is missing"),
            ("warn my_app", "`warn my_app` is ignored", "a comma is missing"),
            ("my_app[span]=debug", "`my_app[span]=debug` is ignored", "spans are not supported"),
            ("[span{field=1}]=debug", "`[span{field=1}]=debug` is ignored", "spans are not supported"),
            ("a=debug;b=off", "`a=debug;b=off` is ignored", "it does not end in a level"),
            ("a;b=off", "`a;b=off` is ignored", "it does not start with a module's path"),
            ("a=debug=off", "`a=debug=off` is ignored", "it does not end in a level"),
            ("my_app=loud", "`my_app=loud` is ignored", "it does not end in a level"),
            ("=debug", "`=debug` is ignored", "it does not start with a module's path"),
            ("7", "`7` is ignored", "it does not start with a module's path"),
            ("my_app=info/order.*", "`/order.*` is ignored", "filtering by text is not supported"),
            ("my-app=debug", "`my-app=debug` names no module", "as in `my_app`"),
            ("my-app", "`my-app` names no module", "as in `my_app`"),
        ] {
            let complaints = set(&mut Builder::new(), "RUST_LOG", text);
            assert_eq!(complaints.len(), 1, "{text}: {complaints:?}");
            assert!(complaints[0].starts_with(named) && complaints[0].contains(why), "{complaints:?}");
            let text = format!("error,{text}");
            let mut others = Builder::new();
            assert_eq!(set(&mut others, "RUST_LOG", &text).len(), 1, "{text}");
            assert!(!logged(others).contains(&("other", Level::Warn)), "{text}: the other directives apply");
        }
        assert_eq!(set(&mut Builder::new(), "RUST_LOG", "loud=x, my-app ,info").len(), 2, "each is named");
        for (name, text, count) in
            [("LOGLEVEL", "loud", 1), ("LOGLEVEL", "loud,info", 0), ("RUST_LOG", "loud", 0), ("LOGLEVEL", "my_app=", 0)]
        {
            assert_eq!(set(&mut Builder::new(), name, text).len(), count, "{name}={text}");
        }
    }
}
