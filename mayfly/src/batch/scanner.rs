//! A scanner of JSON text: it finds the members of objects and the elements of arrays without reading the values.
//!
//! It scans the same text as `serde_json` reads, except that it does not look for invalid UTF-8 and lone surrogates in
//! strings. The scanner of HTTP events cannot take its place: that one refuses uncommon JSON, since a slower reader
//! follows it.

#![expect(clippy::inline_always, reason = "calls would be a quarter of the instructions")]

use std::ops::Range;

use crate::plain::plain;

/// The most levels of a value. An event has up to three around it, and `serde_json` reads no value of 128 levels.
const MAX_LEVELS: u32 = 120;

/// Returns the value of the first member with that name in the object that `json` is.
pub(super) fn member(json: &[u8], name: &str) -> Option<Range<usize>> {
    let mut found = None;
    each_member(json, 0, |key, start| {
        let end = value(json, start)?;
        if is_named(&json[key], name) {
            found = Some(start..end);
            return None;
        }
        Some(end)
    });
    found
}

/// Visits the elements of the array that begins at `start`. Returns its end.
pub(super) fn each_element(json: &[u8], start: usize, mut visit: impl FnMut(Range<usize>)) -> Option<usize> {
    let (mut at, first) = token(json, after(json, start, b'[')?)?;
    if first == b']' {
        return Some(at + 1);
    }
    loop {
        let end = value(json, at)?;
        visit(at..end);
        at = match token(json, end)? {
            (comma, b',') => token(json, comma + 1)?.0,
            (end, b']') => return Some(end + 1),
            _ => return None,
        }
    }
}

/// Visits the key and the start of the value of each member of the object that begins at `start`. `visit` returns the
/// end of the value, or `None` to stop. Returns the end of the object, or `None` if `visit` has stopped or the text is
/// no object.
pub(super) fn each_member(
    json: &[u8],
    start: usize,
    mut visit: impl FnMut(Range<usize>, usize) -> Option<usize>,
) -> Option<usize> {
    let (mut at, mut first) = token(json, after(json, start, b'{')?)?;
    if first == b'}' {
        return Some(at + 1);
    }
    loop {
        let (key_end, (value, _)) = key(json, at, first)?;
        let end = visit(at..key_end, value)?;
        (at, first) = match token(json, end)? {
            (comma, b',') => token(json, comma + 1)?,
            (end, b'}') => return Some(end + 1),
            _ => return None,
        }
    }
}

/// Returns whether the text of a key is that name. A key with escapes is compared by its meaning.
pub(super) fn is_named(key: &[u8], name: &str) -> bool {
    let inner = &key[1..key.len() - 1];
    inner == name.as_bytes()
        || inner.contains(&b'\\') && serde_json::from_slice::<String>(key).is_ok_and(|key| key == name)
}

/// Returns the next byte that is no white space, with its position.
#[inline(always)]
pub(super) fn token(json: &[u8], start: usize) -> Option<(usize, u8)> {
    let mut at = start;
    loop {
        let byte = *json.get(at)?;
        if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
            return Some((at, byte));
        }
        at += 1;
    }
}

/// Returns the position after the next byte, which must be that one.
#[inline(always)]
fn after(json: &[u8], start: usize, expected: u8) -> Option<usize> {
    token(json, start).filter(|(_, byte)| *byte == expected).map(|(at, _)| at + 1)
}

/// Returns the end of the string whose content begins at `start`.
#[inline(always)]
fn string(json: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += plain(json.get(at..)?);
        match json[at..] {
            [b'"', ..] => return Some(at + 1),
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => at += 2,
            [b'\\', b'u', ref digits @ ..] if is_hexadecimal(digits) => at += 6,
            _ => return None,
        }
    }
}

/// Returns whether a text begins with the four digits of an escape.
fn is_hexadecimal(text: &[u8]) -> bool {
    text.first_chunk::<4>().is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Returns the end of the value that begins at `start`.
pub(super) fn value(json: &[u8], start: usize) -> Option<usize> {
    let (mut levels, mut objects) = (0, 0_u128); // a bit for each container that is open, set for an object
    let (mut at, mut first) = token(json, start)?;
    loop {
        at = match first {
            b'"' => string(json, at + 1)?,
            b'{' | b'[' => {
                let is_object = first == b'{';
                (at, first) = token(json, at + 1)?;
                if first != if is_object { b'}' } else { b']' } {
                    levels += 1;
                    objects = objects << 1 | u128::from(is_object);
                    if levels > MAX_LEVELS {
                        return None;
                    }
                    if is_object {
                        (at, first) = key(json, at, first)?.1;
                    }
                    continue;
                }
                at + 1
            }
            _ => scalar(json, at)?,
        };
        // The next value stands behind a comma. Containers may end before it.
        loop {
            if levels == 0 {
                return Some(at);
            }
            (at, first) = token(json, at)?;
            at += 1;
            if first == b',' {
                break;
            }
            if first != if objects & 1 == 1 { b'}' } else { b']' } {
                return None;
            }
            levels -= 1;
            objects >>= 1;
        }
        (at, first) = token(json, at)?;
        if objects & 1 == 1 {
            (at, first) = key(json, at, first)?.1;
        }
    }
}

/// Returns the end of the key that begins at `start`, and the value after it, as `token` does.
#[inline(always)]
fn key(json: &[u8], start: usize, first: u8) -> Option<(usize, (usize, u8))> {
    let end = if first == b'"' { string(json, start + 1)? } else { return None };
    Some((end, token(json, after(json, end, b':')?)?))
}

/// Returns the end of the number or word that begins at `start`.
fn scalar(json: &[u8], start: usize) -> Option<usize> {
    let rest = &json[start..];
    for word in [&b"true"[..], b"false", b"null"] {
        if rest.starts_with(word) {
            return Some(start + word.len());
        }
    }
    let digits = |at: usize| {
        let count = json[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(at + count)
    };
    let integer = start + usize::from(rest.first() == Some(&b'-'));
    let mut at = if json.get(integer) == Some(&b'0') { integer + 1 } else { digits(integer)? };
    if json.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(json.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(json.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::{Value, json};

    use super::*;

    fn elements(json: &[u8]) -> Option<Vec<Range<usize>>> {
        let mut found = Vec::new();
        each_element(json, 0, |element| found.push(element)).map(|_| found)
    }

    #[test]
    fn members_are_found_after_values_of_every_kind() {
        let json = br#" { "a" : "}\\\"{" , "b":[{"x":1},[]], "c": -1.5e3 ,"\u0064":null , "e":true}"#;
        for (name, expected) in
            [("a", r#""}\\\"{""#), ("b", r#"[{"x":1},[]]"#), ("c", "-1.5e3"), ("d", "null"), ("e", "true")]
        {
            assert_eq!(member(json, name).map(|range| &json[range]), Some(expected.as_bytes()), "{name}");
        }
        assert_eq!(member(json, "x"), None);
    }

    #[test]
    fn text_that_is_cut_or_malformed_has_no_members() {
        for json in
            ["", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"\\", "{\"a\":,}", "{\"a\":[}", "[]", "{a:1}", "{\"a\":1"]
        {
            assert_eq!(member(json.as_bytes(), "b"), None, "{json}");
            assert_eq!(elements(json.as_bytes()).filter(|found| !found.is_empty()), None, "{json}");
        }
    }

    #[test]
    fn a_value_has_as_many_levels_as_an_event_leaves_it() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let most = usize::try_from(MAX_LEVELS).unwrap() + 1; // the innermost is empty
        assert_eq!(value(nested(most).as_bytes(), 0), Some(2 * most));
        assert_eq!(value(nested(most + 1).as_bytes(), 0), None);
        assert!(serde_json::from_str::<Value>(&format!(r#"{{"records":{{"t-0":[{}]}}}}"#, nested(most))).is_ok());
    }

    proptest! {
        #[test]
        fn a_text_is_scanned_to_its_end_exactly_if_it_is_json(
            text in prop_oneof![
                "[\\[\\]{},:\"\\\\u \t\x0ca10.e-]{0,12}",
                "-?[0-9]{1,3}[.]?[0-9]{0,2}[eE]?[+-]?[0-9]{0,2}",
                r#"\[?"(\\["\\/bfnrtux]|\\u[0-9a-gA-F]{3,4}|[a\x1f\x7f])*"\]?"#,
                "(true|false|null|tru|True|nul){1,2}",
            ],
        ) {
            let end = value(text.as_bytes(), 0).map(|end| token(text.as_bytes(), end).map_or(text.len(), |(at, _)| at));
            prop_assert_eq!(end == Some(text.len()), serde_json::from_str::<IgnoredAny>(&text).is_ok());
            let _ = (member(text.as_bytes(), "a"), elements(text.as_bytes()));
        }

        #[test]
        fn elements_are_those_of_the_array(texts in proptest::collection::vec(any::<String>(), 0..8)) {
            let array = json!([texts.clone(), {"k": texts.clone()}, 1, texts.clone()]);
            let text = serde_json::to_string_pretty(&array).unwrap();
            let found: Vec<Value> = elements(text.as_bytes())
                .unwrap()
                .into_iter()
                .map(|range| serde_json::from_str(&text[range]).unwrap())
                .collect();
            prop_assert_eq!(Value::Array(found), array);
        }
    }
}
