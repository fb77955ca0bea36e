//! The query of a request as the members of an event hold it, for tests.

use serde_json::{Map, Value, json};

/// Splits a query into parameters, decoded or as they are.
pub(crate) fn pairs(query: &str, is_decoded: bool) -> Vec<(String, String)> {
    let read = |text: &str| if is_decoded { decoded(&text.replace('+', " ")) } else { text.to_owned() };
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    parameters
        .map(|parameter| {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (read(key), read(value))
        })
        .collect()
}

/// Makes the member with the last value of each key.
pub(crate) fn single_pairs(pairs: &[(String, String)]) -> Value {
    pairs.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>().into()
}

/// Makes the member with all values of each key.
pub(crate) fn all_pairs(pairs: &[(String, String)]) -> Value {
    let mut all = Map::new();
    for (key, value) in pairs {
        let values = all.entry(key.clone()).or_insert_with(|| json!([]));
        values.as_array_mut().expect("it is a list").push(value.as_str().into());
    }
    all.into()
}

/// API Gateway sends `null` where there are no parameters.
pub(crate) fn or_null(map: Value) -> Value {
    if map.as_object().is_some_and(Map::is_empty) { Value::Null } else { map }
}

/// Decodes percent-encoded bytes once.
pub(crate) fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
