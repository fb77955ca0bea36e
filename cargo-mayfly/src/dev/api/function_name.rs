//! Parses the name of a function in a request.

use percent_encoding::percent_decode_str;

/// Returns the name in a segment of a URL's path, which is a name, an ARN, or the part of an ARN from the account on. A
/// version or alias at the end is ignored.
///
/// Names on Lambda have no colons, but paths of handlers do: only single colons are separators.
pub(crate) fn parse(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    let name = without_version(without_arn(&decoded));
    (!name.is_empty()).then(|| name.to_owned())
}

fn without_arn(text: &str) -> &str {
    let is_account = |part: &str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.splitn(7, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "lambda", _, _, "function", name] => name,
        [account, "function", ..] if is_account(account) => text.splitn(3, ':').nth(2).unwrap_or_default(),
        _ => text,
    }
}

fn without_version(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((before, _)) if !before.ends_with(':') => before,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_many_forms() {
        for (segment, expected) in [
            ("greeter::greet", "greeter::greet"),
            ("greeter%3A%3Agreet", "greeter::greet"),
            ("greeter::greet:$LATEST", "greeter::greet"),
            ("greeter%3A%3Agreet%3A7", "greeter::greet"),
            ("bootstrap", "bootstrap"),
            ("bootstrap:live", "bootstrap"),
            ("function::handler", "function::handler"),
            ("012345678912:function:greeter::greet", "greeter::greet"),
            ("012345678912:function:greeter::greet:live", "greeter::greet"),
            ("arn:aws:lambda:us-east-1:012345678912:function:greeter::greet", "greeter::greet"),
            ("arn:aws-cn:lambda:cn-north-1:012345678912:function:bootstrap:1", "bootstrap"),
        ] {
            assert_eq!(parse(segment).as_deref(), Some(expected), "{segment}");
        }
        for segment in ["", ":live", "%ff"] {
            assert_eq!(parse(segment), None, "{segment}");
        }
    }
}
