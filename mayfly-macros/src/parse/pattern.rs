//! The pattern of a route.

/// A mistake in a pattern, as axum finds it when it builds the router.
pub(crate) fn mistake(pattern: &str) -> Option<String> {
    if !pattern.starts_with('/') {
        return Some(format!("a pattern begins with `/`: write `\"/{pattern}\"`"));
    }
    let mut segments = pattern.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let mistake = of_segment(segment, segments.peek().is_none());
        if mistake.is_some() {
            return mistake;
        }
    }
    None
}

/// Counts the parameters.
pub(crate) fn parameters(pattern: &str) -> usize {
    pattern.split('/').filter(|segment| without_doubled_braces(segment).contains('{')).count()
}

/// Stands for a doubled brace.
const BRACE: char = '\u{fffd}';

fn of_segment(segment: &str, is_last: bool) -> Option<String> {
    if let Some(name) = segment.strip_prefix(':') {
        return Some(format!("axum 0.8 writes parameters in braces: write `{{{name}}}` in place of `:{name}`"));
    }
    if let Some(name) = segment.strip_prefix('*') {
        return Some(format!("axum 0.8 writes parameters in braces: write `{{*{name}}}` in place of `*{name}`"));
    }
    let plain = without_doubled_braces(segment);
    let Some((before, parameter)) = plain.split_once('{') else {
        return plain
            .contains('}')
            .then(|| "a `}` without its `{`; a brace that is meant as such is doubled: `}}`".into());
    };
    let Some((name, after)) = parameter.split_once('}') else {
        return Some("a `{` without its `}`; a brace that is meant as such is doubled: `{{`".into());
    };
    let catches_all = name.starts_with('*');
    match name.trim_start_matches('*') {
        "" => Some("a parameter has a name: `{id}`, or `{*rest}` for the rest of the path".into()),
        bare if bare.contains(['*', '{', BRACE]) || name.starts_with("**") => {
            Some("the name of a parameter has no `*` and no braces".into())
        }
        _ if before.contains('}') => {
            Some("a `}` without its `{`; a brace that is meant as such is doubled: `}}`".into())
        }
        _ if !after.is_empty() => Some(format!(
            "a parameter ends its segment, so nothing can stand behind `{{{name}}}`; take the whole segment and split it \
             in the function"
        )),
        _ if catches_all && !is_last => {
            Some(format!("`{{{name}}}` matches the rest of the path, so it must stand at the end"))
        }
        _ => None,
    }
}

/// Replaces each doubled brace, which stands for one that belongs to no parameter.
fn without_doubled_braces(segment: &str) -> String {
    let mut plain = String::new();
    let mut letters = segment.chars().peekable();
    while let Some(letter) = letters.next() {
        if (letter == '{' || letter == '}') && letters.peek() == Some(&letter) {
            letters.next();
            plain.push(BRACE);
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_axum_takes_have_no_mistake() {
        for (pattern, count) in [
            ("/", 0),
            ("/orders", 0),
            ("/orders/", 0),
            ("//", 0),
            ("/{id}", 1),
            ("/v{version}/{id}/lines/{*rest}", 3),
            ("/prefix-{*rest}", 1),
            ("/{{id}}", 0),
            ("/{{{id}", 1),
            ("/a}}/{b}", 1),
            ("/ä/{ö}", 1),
            ("/a:b/c*d", 0),
        ] {
            assert_eq!((mistake(pattern), parameters(pattern)), (None, count), "{pattern}");
        }
    }

    #[test]
    fn patterns_that_axum_refuses_have_one() {
        for (pattern, part) in [
            ("", "write `\"/\"`"),
            ("orders", "write `\"/orders\"`"),
            ("/orders/:id", "write `{id}` in place of `:id`"),
            ("/files/*path", "write `{*path}` in place of `*path`"),
            ("/{}", "has a name"),
            ("/{*}", "has a name"),
            ("/{id", "a `{` without its `}`"),
            ("/id}", "a `}` without its `{`"),
            ("/{id}}", "a `{` without its `}`"),
            ("/{id}.json", "stand behind `{id}`"),
            ("/{a}{b}", "stand behind `{a}`"),
            ("/{*rest}/more", "must stand at the end"),
            ("/{*rest}/", "must stand at the end"),
            ("/{a*b}", "has no `*`"),
            ("/{a{{b}", "no braces"),
            ("/{}}a}", "no braces"),
            ("/{a}{{", "stand behind `{a}`"),
            ("/{**a}", "has no `*`"),
        ] {
            let mistake = mistake(pattern).unwrap_or_default();
            assert!(mistake.contains(part), "{pattern}: {mistake}");
        }
    }
}
