//! Warns about environment variables that would keep a function from starting, or from doing as intended.

use crate::handlers::registry::Registry;
use crate::handlers::select::{HandlerSetting, is_named, not_found};

/// The names of log levels that the runtime accepts.
const LEVELS: [&str; 9] = ["off", "error", "warn", "info", "debug", "trace", "warning", "fatal", "critical"];
const FORMS: &str = "write `level`, `module` or `module=level`, separated by commas; the levels are off, error, warn, \
                     info, debug and trace";
/// The variables that HTTP clients read, in upper and lower case.
const PROXIES: [&str; 3] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "*"];

/// The environment variables, read by a function.
pub(crate) struct Variables<F>(pub(crate) F);

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// Reads a variable as the runtime does: trimmed, and unset if nothing is left.
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }

    /// Warns if the variables select a handler that the binary with this name does not have.
    pub(crate) fn wrong_handler(&self, registry: &Registry, executable: &str) -> Option<String> {
        let (handler, instead) = (self.get("_HANDLER"), self.get("MAYFLY_HANDLER"));
        match (&handler, &instead) {
            (Some(handler), _) => {
                let setting = HandlerSetting { handler, instead: instead.as_deref(), executable };
                let wrong = setting.check(registry).err()?;
                Some(format!("the variable _HANDLER {wrong}; a function would not start"))
            }
            (None, Some(instead)) if !is_named(registry, instead) => Some(format!(
                "the variable MAYFLY_HANDLER {}; a function would not start",
                not_found(registry, instead)
            )),
            _ => None,
        }
    }

    /// Warns about variables whose values no binary could use.
    pub(crate) fn warnings(&self) -> Vec<String> {
        [self.wrong_level(), self.wrong_format(), self.wrong_concurrency(), self.proxy()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn wrong_level(&self) -> Option<String> {
        let names = ["LOGLEVEL", "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"];
        let (name, value) = names.into_iter().find_map(|name| Some((name, self.get(name)?)))?;
        let (directives, pattern) = value.split_once('/').map_or((&*value, None), |(all, rest)| (all, Some(rest)));
        let all: Vec<_> = directives.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
        let mut ignored: Vec<_> = all.iter().filter(|it| !is_directive(it)).map(|it| format!("`{it}`")).collect();
        ignored.extend(pattern.map(|pattern| format!("`/{pattern}`")));
        if !ignored.is_empty() {
            return Some(format!(
                "the variable {name} has {}, which a function ignores; {FORMS}",
                ignored.join(" and ")
            ));
        }
        // The name of a module, or a misspelt level.
        match all.as_slice() {
            [word] if name != "RUST_LOG" && !word.contains('=') && !is_level(word) => Some(format!(
                "the variable {name} is `{word}`, which is not a level, and is taken for a module; {FORMS}"
            )),
            _ => None,
        }
    }

    fn wrong_format(&self) -> Option<String> {
        let format = self.get("AWS_LAMBDA_LOG_FORMAT")?;
        let is_known = ["json", "text"].iter().any(|known| format.eq_ignore_ascii_case(known));
        (!is_known).then(|| {
            format!(
                "the variable AWS_LAMBDA_LOG_FORMAT is `{format}`, which is neither JSON nor Text; a function would \
                 log text"
            )
        })
    }

    fn wrong_concurrency(&self) -> Option<String> {
        let most = self.get("AWS_LAMBDA_MAX_CONCURRENCY")?;
        let is_number = most.parse::<usize>().is_ok_and(|most| most > 0);
        (!is_number).then(|| {
            format!(
                "the variable AWS_LAMBDA_MAX_CONCURRENCY is `{most}`, which is not a number above 0; a function would \
                 take one invocation at a time"
            )
        })
    }

    /// Warns about a proxy that does not exempt this machine. Mayfly itself uses no proxy, but the clients in handlers
    /// and inits may.
    fn proxy(&self) -> Option<String> {
        let either = |name: &str| self.get(name).or_else(|| self.get(&name.to_lowercase()));
        let name = PROXIES.into_iter().find(|name| either(name).is_some())?;
        let exempt = either("NO_PROXY").unwrap_or_default();
        let is_exempt = exempt.split(',').any(|host| LOOPBACK.contains(&host.trim()));
        (!is_exempt).then(|| {
            format!(
                "the variable {name} is set, and NO_PROXY does not exempt localhost: Mayfly uses no proxy, but the \
                 clients in your handlers and inits may send requests for servers on this machine to it; set \
                 NO_PROXY=localhost,127.0.0.1"
            )
        })
    }
}

fn is_level(name: &str) -> bool {
    LEVELS.iter().any(|level| name.trim().eq_ignore_ascii_case(level))
}

/// Returns whether the runtime can read a directive: a level, a module, or a module with a level.
fn is_directive(directive: &str) -> bool {
    let (module, level) = directive.split_once('=').map_or((directive, None), |(module, level)| (module, Some(level)));
    let is_of_path = |c: char| c.is_alphanumeric() || "_-:.".contains(c);
    let module = module.trim();
    let is_module =
        !module.is_empty() && module.chars().all(is_of_path) && !module.starts_with(|c: char| c.is_ascii_digit());
    is_module && level.is_none_or(|level| level.trim().is_empty() || is_level(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(variables: &[(&str, &str)]) -> Vec<String> {
        let get = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Variables(get).warnings()
    }

    #[test]
    fn invalid_values_of_the_logging_variables_are_named() {
        assert_eq!(warnings(&[("LOGLEVEL", "warn, my_app=Debug"), ("AWS_LAMBDA_LOG_FORMAT", "json")]), [""; 0]);
        assert_eq!(warnings(&[("LOGLEVEL", " "), ("AWS_LAMBDA_LOG_LEVEL", "FATAL"), ("RUST_LOG", "junk")]), [""; 0]);
        for fine in ["my_app", "hyper,my_app::orders=off", "my_app=", "off"] {
            assert_eq!(warnings(&[("RUST_LOG", fine)]), [""; 0], "{fine}");
        }
        for (name, value, begins) in [
            (
                "LOGLEVEL",
                "a=loud,info,=debug",
                "the variable LOGLEVEL has `a=loud` and `=debug`, which a function ignores; ",
            ),
            (
                "RUST_LOG",
                "warn my_app=debug",
                "the variable RUST_LOG has `warn my_app=debug`, which a function ignores; ",
            ),
            ("RUST_LOG", "debug/foo", "the variable RUST_LOG has `/foo`, which a function ignores; "),
            (
                "AWS_LAMBDA_LOG_LEVEL",
                "x",
                "the variable AWS_LAMBDA_LOG_LEVEL is `x`, which is not a level, and is taken for a module; ",
            ),
        ] {
            let warnings = warnings(&[(name, value)]);
            assert!(warnings.len() == 1 && warnings[0].starts_with(begins), "{warnings:?}");
        }
        assert_eq!(
            warnings(&[("AWS_LAMBDA_LOG_FORMAT", "xml")]),
            ["the variable AWS_LAMBDA_LOG_FORMAT is `xml`, which is neither JSON nor Text; a function would log text"]
        );
        assert_eq!(warnings(&[("AWS_LAMBDA_MAX_CONCURRENCY", "0")]).len(), 1);
    }

    #[test]
    fn a_proxy_gives_a_warning_only_if_this_machine_is_not_exempt() {
        for (variables, warns) in [
            (&[("HTTP_PROXY", "http://proxy")][..], true),
            (&[("https_proxy", "http://proxy"), ("NO_PROXY", "example.com")], true),
            (&[("HTTP_PROXY", "http://proxy"), ("no_proxy", "example.com, localhost")], false),
            (&[("ALL_PROXY", "http://proxy"), ("NO_PROXY", "*")], false),
            (&[("NO_PROXY", "example.com")], false),
        ] {
            assert_eq!(warnings(variables).len(), usize::from(warns), "{variables:?}");
        }
    }
}
