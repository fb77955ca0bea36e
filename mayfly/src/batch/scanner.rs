//! A scanner of JSON text: it finds the members of objects and the elements of arrays without reading the values.
//!
//! It accepts some text that is not JSON. The values that it finds are read by `serde_json`, which checks them. The
//! scanner of HTTP events cannot take its place: that one refuses uncommon JSON, since a slower reader follows it.

use std::ops::Range;

use crate::plain::plain;

/// A member of an object: the positions of its key, quotes included, and of its value.
pub(super) type Member = (Range<usize>, Range<usize>);

/// Returns the value of the first member with that name in the object that `json` is.
pub(super) fn member(json: &[u8], name: &str) -> Option<Range<usize>> {
    let start = member_start(json, name)?;
    Some(start..value(json, start)?)
}

/// Returns the position at which the value of that member begins. The value itself is not scanned.
pub(super) fn member_start(json: &[u8], name: &str) -> Option<usize> {
    let mut found = None;
    each_member(json, 0, &mut |key, start| {
        if is_named(&json[key], name) {
            found = Some(start);
            return None;
        }
        value(json, start)
    });
    found
}

/// Returns the members of the object that begins at `start`.
pub(super) fn members(json: &[u8], start: usize) -> Option<Vec<Member>> {
    let mut found = Vec::new();
    each_member(json, start, &mut |key, start| {
        let end = value(json, start)?;
        found.push((key, start..end));
        Some(end)
    })?;
    Some(found)
}

/// Returns the elements of the array that begins at `start`.
pub(super) fn elements(json: &[u8], start: usize) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    let mut at = after(json, start, b'[')?;
    if json.get(at) == Some(&b']') {
        return Some(found);
    }
    loop {
        let end = value(json, at)?;
        found.push(at..end);
        at = space(json, end);
        match json.get(at)? {
            b',' => at = space(json, at + 1),
            b']' => return Some(found),
            _ => return None,
        }
    }
}

/// Visits the key and the start of the value of each member of an object. `visit` returns the end of the value, or `None`
/// to stop. Returns `None` if it has stopped, or if the text is no object up to there.
fn each_member(json: &[u8], start: usize, visit: &mut dyn FnMut(Range<usize>, usize) -> Option<usize>) -> Option<()> {
    let mut at = after(json, start, b'{')?;
    if json.get(at) == Some(&b'}') {
        return Some(());
    }
    loop {
        let key_end = string(json, at)?;
        let end = visit(at..key_end, after(json, key_end, b':')?)?;
        at = space(json, end);
        match json.get(at)? {
            b',' => at = space(json, at + 1),
            b'}' => return Some(()),
            _ => return None,
        }
    }
}

/// Returns whether the text of a key is that name. A key with escapes is compared by its meaning.
fn is_named(key: &[u8], name: &str) -> bool {
    let inner = &key[1..key.len() - 1];
    inner == name.as_bytes()
        || inner.contains(&b'\\') && serde_json::from_slice::<String>(key).is_ok_and(|key| key == name)
}

/// Returns the position of the next byte that is no white space.
fn space(json: &[u8], start: usize) -> usize {
    json[start..].iter().position(|byte| !byte.is_ascii_whitespace()).map_or(json.len(), |skipped| start + skipped)
}

/// Returns the position after a byte and the white space around it.
fn after(json: &[u8], start: usize, byte: u8) -> Option<usize> {
    let at = space(json, start);
    (json.get(at) == Some(&byte)).then(|| space(json, at + 1))
}

/// Returns the end of the string that begins at `start`.
fn string(json: &[u8], start: usize) -> Option<usize> {
    if json.get(start) != Some(&b'"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        at += plain(json.get(at..)?);
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1, // a control character, which `serde_json` refuses if the value is read
        }
    }
}

/// Returns the end of the value that begins at `start`.
fn value(json: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        match json.get(at)? {
            b'"' => at = string(json, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' if depth == 0 => return None,
            _ if depth == 0 => {
                let rest = json[at..].iter();
                at += rest.take_while(|byte| !byte.is_ascii_whitespace() && !b",]}".contains(byte)).count();
            }
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

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
            assert_eq!(elements(json.as_bytes(), 0).filter(|found| !found.is_empty()), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_scanned_without_a_panic(json in "[\\[\\]{},:\"\\\\ a1]{0,20}") {
            let _ = (member(json.as_bytes(), "a"), members(json.as_bytes(), 0), elements(json.as_bytes(), 0));
        }

        #[test]
        fn elements_are_those_of_the_array(texts in proptest::collection::vec(any::<String>(), 0..8)) {
            let array = json!([texts.clone(), {"k": texts.clone()}, 1, texts.clone()]);
            let text = serde_json::to_string_pretty(&array).unwrap();
            let found: Vec<Value> = elements(text.as_bytes(), 0)
                .unwrap()
                .into_iter()
                .map(|range| serde_json::from_str(&text[range]).unwrap())
                .collect();
            prop_assert_eq!(Value::Array(found), array);
        }
    }
}
