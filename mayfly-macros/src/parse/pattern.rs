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
    pattern.split('/').filter(|segment| without_escapes(segment).contains('{')).count()
}

fn of_segment(segment: &str, is_last: bool) -> Option<String> {
    if let Some(name) = segment.strip_prefix(':') {
        return Some(format!("axum 0.8 writes parameters in braces: write `{{{name}}}` in place of `:{name}`"));
    }
    if let Some(name) = segment.strip_prefix('*') {
        return Some(format!("axum 0.8 writes parameters in braces: write `{{*{name}}}` in place of `*{name}`"));
    }
    let plain = without_escapes(segment);
    let Some((before, parameter)) = plain.split_once('{') else {
        return plain.contains('}').then(|| "a `}` without its `{`; a brace that is meant as such is doubled: `}}`".into());
    };
    let Some((name, after)) = parameter.split_once('}') else {
        return Some("a `{` without its `}`; a brace that is meant as such is doubled: `{{`".into());
    };
    let catches_all = name.starts_with('*');
    match name.trim_start_matches('*') {
        "" => Some("a parameter has a name: `{id}`, or `{*rest}` for the rest of the path".into()),
        bare if bare.contains(['{', ':', '*']) || name.starts_with("**") => {
            Some(format!("the name of a parameter has no `{{`, `:` or `*`, unlike `{name}`"))
        }
        _ if before.contains('}') => Some("a `}` without its `{`; a brace that is meant as such is doubled: `}}`".into()),
        _ if !after.is_empty() => Some(format!(
            "a parameter ends its segment, and `{after}` stands behind `{{{name}}}`; take the whole segment, and split it \
             in the function"
        )),
        _ if catches_all && !is_last => {
            Some(format!("`{{{name}}}` matches the rest of the path, so it must stand at the end"))
        }
        _ => None,
    }
}

/// Drops the doubled braces, which stand for one that belongs to no parameter.
fn without_escapes(segment: &str) -> String {
    let mut plain = String::new();
    let mut letters = segment.chars().peekable();
    while let Some(letter) = letters.next() {
        if (letter == '{' || letter == '}') && letters.peek() == Some(&letter) {
            letters.next();
        } else {
            plain.push(letter);
        }
    }
    plain
}
