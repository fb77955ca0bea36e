//! `Scanner` as a deserializer of events.
//!
//! Reading the event is the largest part of the work for an HTTP request, and `serde_json` spends most of it on the
//! beginning and the end of each short string. This deserializer refuses what events rarely have, such as a fraction in
//! place of a text, and gives no reason. What it refuses is read again by `serde_json`.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::scanner::{Refused, Result, Scanner};

impl<'de> Deserializer<'de> for &mut Scanner<'de> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek().ok_or(Refused)? {
            b'"' => self.deserialize_str(visitor),
            b'{' => {
                self.pass(b'{');
                visitor.visit_map(Items { text: self, is_first: true })
            }
            b'[' => {
                self.pass(b'[');
                visitor.visit_seq(Items { text: self, is_first: true })
            }
            b't' => {
                self.word("true")?;
                visitor.visit_bool(true)
            }
            b'f' => {
                self.word("false")?;
                visitor.visit_bool(false)
            }
            b'n' => {
                self.word("null")?;
                visitor.visit_unit()
            }
            _ => visitor.visit_u64(self.number()?),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if !self.pass(b'"') {
            return Err(Refused);
        }
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() == Some(b'n') {
            self.word("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip(0)?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier
    }
}

/// The items of an object or an array.
struct Items<'a, 'de> {
    text: &'a mut Scanner<'de>,
    is_first: bool,
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.text.next_key(&mut self.is_first)? { seed.deserialize(&mut *self.text).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        if self.text.pass(b':') { seed.deserialize(&mut *self.text) } else { Err(Refused) }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.text.next(b']', &mut self.is_first)? { seed.deserialize(&mut *self.text).map(Some) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::envelope::Envelope;

    const EVENT: &str = r#"{"version":"2.0","rawPath":"/a\u00e9\ud83d\ude00b","cookies":["a=1","b=2"],"headers":{
        "x-a":"\"1\\\/\b\f\n\r\t" , "x-b":["2",3,true,null,{}],"x-c":null},"queryStringParameters":{"a":"b"},
        "requestContext":{"http":{"method":"GET"},"authorizer":{"n":[-1.5e+3,0,{"deep":[[[]]]}],"\"":false},"stage":"é"},
        "isBase64Encoded":false,"body":"plain text","httpMethod":12,"path":[1,[2]],"method":{"a":1}} "#;

    /// Reads a text both ways, and returns whether it was taken without `serde_json`.
    fn compare(text: &str) -> bool {
        let event = Bytes::copy_from_slice(text.as_bytes());
        let text = std::str::from_utf8(&event).unwrap();
        let Ok(ours) = Envelope::read(text, &event) else { return false };
        let theirs = Envelope::from_json(&mut serde_json::Deserializer::from_slice(&event), &event);
        assert_eq!(format!("{ours:?}"), format!("{:?}", theirs.expect("serde_json takes it as well")), "{text}");
        true
    }

    #[test]
    fn an_event_is_read_without_serde_json() {
        assert!(compare(EVENT));
        for value in ["0", "17", "-1", "1.5", "1e9", "1E-9", "-0.0", "true", "null", r#""\ud83d\ude00""#, "[]", "{}"] {
            assert!(compare(&format!(r#"{{"x":{value}}}"#)), "{value}");
        }
        assert!(compare(" {\t}\r\n"));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            " ",
            "[]",
            "7",
            "\"a\"",
            "null",
            "{",
            "{}}",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 2}",
            "{1:1}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":1e}",
            "{\"a\":-}",
            "{\"a\":+1}",
            "{\"a\":tru}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"body\":\"\\ud83d\"}",
            "{\"body\":\"\\ud83d\\u0041\"}",
            "{\"body\":\"\\ude00\"}",
            "{\"a\":\"\n\"}",
            "{\"a\":[1,]}",
            "{\"a\":[1 2]}",
            "{\"a\":[}]",
            "\u{feff}{}",
            "{\"body\":01}",
            "{\"body\":1x}",
            "{\"path\":{1:1}}",
        ] {
            assert!(!compare(text), "{text}");
        }
        assert!(!compare(&format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200))));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_serde_json_does(
            changes in vec((0..EVENT.len(), 0..6_usize, "[\"\\\\{}\\[\\],:0-9a-f.eE+\\-u\n é]{0,3}"), 0..4),
        ) {
            let mut text = EVENT.to_owned();
            for (at, length, with) in changes {
                let boundary = |at: usize| (at.min(text.len())..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap();
                let range = boundary(at)..boundary(at + length);
                text.replace_range(range, &with);
            }
            compare(&text);
        }
    }
}
