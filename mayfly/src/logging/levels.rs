//! Which records are logged: the directives of `LOGLEVEL`, `AWS_LAMBDA_LOG_LEVEL` and `RUST_LOG`.

use env_logger::Builder;
use log::LevelFilter;

const FORMS: &str = "write `level`, `module` or `module=level`, with commas between; a level is off, error, warn, info, \
                     debug or trace";

/// A module, or all of them, and its level.
type Directive<'a> = (Option<&'a str>, LevelFilter);

/// Sets the levels that the directives of `text` describe; returns a sentence on each that may not do as it was meant to.
/// A variable of that name is for a level, if it is not `RUST_LOG`.
pub(crate) fn set(builder: &mut Builder, name: &str, text: &str) -> Vec<String> {
    let (directives, mut complaints) = directives(text);
    if let ([_, (Some(module), LevelFilter::Trace)], true) =
        (&directives[..], name != "RUST_LOG" && !text.contains('='))
    {
        complaints.push(format!("`{module}` is no level, and so taken for a module; {FORMS}"));
    }
    for (module, level) in directives {
        builder.filter(module, level);
    }
    complaints
}

/// Reads directives as `env_logger` does: `level`, `module` (everything of it) or `module=level`, with commas between.
/// The level of all else stays `info` unless one sets it.
fn directives(text: &str) -> (Vec<Directive<'_>>, Vec<String>) {
    let (mut directives, mut complaints) = (vec![(None, LevelFilter::Info)], Vec::new());
    let (text, pattern) = text.split_once('/').map_or((text, None), |(all, rest)| (all, Some(rest)));
    if let Some(pattern) = pattern {
        complaints.push(format!("`/{pattern}` is ignored: lines are not searched; {FORMS}"));
    }
    for directive in text.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
        match parsed(directive) {
            Ok(parsed) => {
                if let Some(module) = parsed.0.filter(|module| module.contains('-')) {
                    let meant = module.replace('-', "_");
                    complaints.push(format!("`{directive}` names no module: in those a `-` is a `_`, as in `{meant}`"));
                }
                directives.push(parsed);
            }
            Err(why) => complaints.push(format!("`{directive}` is ignored: {why}; {FORMS}")),
        }
    }
    (directives, complaints)
}

/// Reads one directive, or says what is wrong with it.
fn parsed(directive: &str) -> Result<Directive<'_>, &'static str> {
    let (module, named) = match directive.split_once('=') {
        Some((module, named)) => (module.trim(), Some(named.trim())),
        None => match level(directive) {
            Some(level) => return Ok((None, level)),
            None => (directive, None),
        },
    };
    // Unicode's tables would be 2.5 KB in each binary.
    let is_of_path = |byte: u8| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte) || !byte.is_ascii();
    let stranger = module.bytes().find(|&byte| !is_of_path(byte));
    match stranger.or(module.bytes().next().filter(u8::is_ascii_digit)) {
        Some(b' ') => return Err("a comma is missing"),
        Some(b'[') => return Err("spans are not known here"),
        None if !module.is_empty() => {}
        _ => return Err("it does not start with a module's path"),
    }
    match named {
        None | Some("") => Ok((Some(module), LevelFilter::Trace)),
        Some(named) => level(named).map(|level| (Some(module), level)).ok_or("it does not end in a level"),
    }
}

/// The names of `log`, and those of `AWS_LAMBDA_LOG_LEVEL` beside them.
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
    fn levels_in_every_spelling() {
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

    /// The targets and levels that a logger lets through.
    fn lets_through(mut builder: Builder) -> Vec<(&'static str, Level)> {
        let logger = builder.build();
        let targets = ["my_app", "my_app::orders", "my_app::orders::place", "other", "größe::maß"];
        let all = targets.into_iter().flat_map(|target| Level::iter().map(move |level| (target, level)));
        all.filter(|(target, level)| logger.enabled(&Metadata::builder().target(target).level(*level).build()))
            .collect()
    }

    /// Compares with `env_logger`'s own reading, where no level for all else is `info`.
    fn assert_as_env_logger(text: &str) {
        let (mut ours, mut theirs) = (Builder::new(), Builder::new());
        assert_eq!(set(&mut ours, "RUST_LOG", text), [""; 0], "{text}");
        theirs.filter_level(LevelFilter::Info).parse_filters(text);
        assert_eq!(lets_through(ours), lets_through(theirs), "{text}");
    }

    #[test]
    fn directives_mean_what_env_logger_documents() {
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
        fn any_list_of_directives_is_read_as_env_logger_does(
            given in vec("(my_app|my_app::orders|other|my|größe::maß)?=?(off|error|WARN|info|Debug|trace)?", 0..5)
        ) {
            let given: Vec<_> = given.into_iter().filter(|directive| !directive.starts_with('=')).collect();
            assert_as_env_logger(&given.join(","));
        }
    }

    #[test]
    fn a_directive_that_is_not_followed_is_named_with_the_reason() {
        for (text, named, why) in [
            ("warn my_app=debug", "`warn my_app=debug` is ignored", "a comma is missing"),
            ("warn my_app", "`warn my_app` is ignored", "a comma is missing"),
            ("my_app[span]=debug", "`my_app[span]=debug` is ignored", "spans are not known here"),
            ("[span{field=1}]=debug", "`[span{field=1}]=debug` is ignored", "spans are not known here"),
            ("a=debug;b=off", "`a=debug;b=off` is ignored", "it does not end in a level"),
            ("a;b=off", "`a;b=off` is ignored", "it does not start with a module's path"),
            ("a=debug=off", "`a=debug=off` is ignored", "it does not end in a level"),
            ("my_app=loud", "`my_app=loud` is ignored", "it does not end in a level"),
            ("=debug", "`=debug` is ignored", "it does not start with a module's path"),
            ("7", "`7` is ignored", "it does not start with a module's path"),
            ("my_app=info/order.*", "`/order.*` is ignored", "lines are not searched"),
            ("my-app=debug", "`my-app=debug` names no module", "as in `my_app`"),
            ("my-app", "`my-app` names no module", "as in `my_app`"),
        ] {
            let complaints = set(&mut Builder::new(), "RUST_LOG", text);
            assert_eq!(complaints.len(), 1, "{text}: {complaints:?}");
            assert!(complaints[0].starts_with(named) && complaints[0].contains(why), "{complaints:?}");
            let text = format!("error,{text}");
            let mut others = Builder::new();
            assert_eq!(set(&mut others, "RUST_LOG", &text).len(), 1, "{text}");
            assert!(!lets_through(others).contains(&("other", Level::Warn)), "{text}: the others count");
        }
        assert_eq!(set(&mut Builder::new(), "RUST_LOG", "loud=x, my-app ,info").len(), 2, "each is named");
        for (name, text, count) in
            [("LOGLEVEL", "loud", 1), ("LOGLEVEL", "loud,info", 0), ("RUST_LOG", "loud", 0), ("LOGLEVEL", "my_app=", 0)]
        {
            assert_eq!(set(&mut Builder::new(), name, text).len(), count, "{name}={text}");
        }
    }
}
