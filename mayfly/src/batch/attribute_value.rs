//! The deserializer of attribute values, the JSON in which `DynamoDB` writes an item: `{"N": "7"}` for a number.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>.

use std::any::type_name;
use std::borrow::Cow;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde_json::{Error as JsonError, Map, Value};

use super::attribute_key::Key;
use super::attribute_number::{is_long_integer, visit_number};
use super::content::decoded;
use super::raw::invalid;
use crate::error::Error;

/// Reads an item.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    let item = serde_json::from_slice::<Value>(json);
    item.and_then(|item| T::deserialize(Attribute::Of("M", item)))
        .map_err(|error| invalid(&format!("as `{}`: {error}", type_name::<T>())))
}

/// An attribute value, converted only when it is read.
enum Attribute {
    /// An object with the kind as its only key.
    Tagged(Value),
    /// The kind and the content.
    Of(&'static str, Value),
}

/// An attribute value that is converted.
enum Opened {
    Null,
    Bool(bool),
    Text(String),
    /// The text of a number, which has up to 38 digits.
    Number(String),
    Bytes(Vec<u8>),
    List(Vec<Attribute>),
    Map(Map<String, Value>),
}

impl Attribute {
    fn open(self) -> Result<Opened, JsonError> {
        let (kind, value) = self.split()?;
        let list = |list: Vec<Value>, item: fn(Value) -> Self| Opened::List(list.into_iter().map(item).collect());
        Ok(match (&*kind, value) {
            ("NULL", _) => Opened::Null,
            ("BOOL", Value::Bool(value)) => Opened::Bool(value),
            ("S", Value::String(text)) => Opened::Text(text),
            ("N", Value::String(number)) => Opened::Number(number),
            ("B", Value::String(text)) => {
                Opened::Bytes(decoded(&text).map_err(|error| JsonError::custom(error.message()))?)
            }
            ("M", Value::Object(map)) => Opened::Map(map),
            ("L", Value::Array(items)) => list(items, Self::Tagged),
            ("SS", Value::Array(items)) => list(items, |item| Self::Of("S", item)),
            ("NS", Value::Array(items)) => list(items, |item| Self::Of("N", item)),
            ("BS", Value::Array(items)) => list(items, |item| Self::Of("B", item)),
            _ => return Err(wrong()),
        })
    }

    /// Returns the kind and the content.
    fn split(self) -> Result<(Cow<'static, str>, Value), JsonError> {
        let members = match self {
            Self::Of(kind, value) => return Ok((Cow::Borrowed(kind), value)),
            Self::Tagged(Value::Object(members)) => members,
            Self::Tagged(_) => return Err(wrong()),
        };
        let mut members = members.into_iter();
        match (members.next(), members.next()) {
            (Some((kind, value)), None) => Ok((Cow::Owned(kind), value)),
            _ => Err(wrong()),
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Tagged(Value::Object(members)) if members.len() == 1 && members.contains_key("NULL"))
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.open()?.visit(visitor)
    }
}

impl Opened {
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Text(text) => visitor.visit_string(text),
            Self::Number(number) => visit_number(&number, visitor),
            Self::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Self::List(list) => visit_items(list, visitor),
            Self::Map(map) => {
                let mut members = MapDeserializer::new(map.into_iter().map(member));
                let value = visitor.visit_map(&mut members)?;
                members.end().map(|()| value)
            }
        }
    }
}

impl IntoDeserializer<'_, JsonError> for Attribute {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn wrong() -> JsonError {
    JsonError::custom("not an attribute value of DynamoDB")
}

fn member((key, value): (String, Value)) -> (Key, Attribute) {
    (Key(key), Attribute::Tagged(value))
}

/// Visits the items of a list. The visitor must take all of them.
fn visit_items<'de, V, T>(items: Vec<T>, visitor: V) -> Result<V::Value, JsonError>
where
    V: Visitor<'de>,
    T: IntoDeserializer<'de, JsonError>,
{
    let mut items = SeqDeserializer::new(items.into_iter());
    let value = visitor.visit_seq(&mut items)?;
    items.end().map(|()| value)
}

/// Visits an integer that the other numbers of JSON do not hold.
macro_rules! deserialize_wide {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            match self.open()? {
                Opened::Number(number) => match number.parse() {
                    Ok(number) => visitor.$visit(number),
                    Err(_) => visit_number(&number, visitor),
                },
                other => other.visit(visitor),
            }
        }
    )*};
}

/// Forwards methods whose arguments before the visitor say no more than the attribute does.
macro_rules! forward {
    ($to:ident: $($method:ident($($argument:ty),*))+) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, JsonError> {
            self.$to(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for Attribute {
    type Error = JsonError;

    /// Visits the value for a type that does not name one, such as a `serde_json::Value`: bytes one by one, and an
    /// integer that would lose digits as its text.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.open()? {
            Opened::Number(number) if is_long_integer(&number) => visitor.visit_string(number),
            Opened::Bytes(bytes) => visit_items(bytes, visitor),
            other => other.visit(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    forward! {
        deserialize_string:
        deserialize_str()
        deserialize_identifier()
    }

    /// Gives the text of a number, which keeps all its digits.
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.open()? {
            Opened::Number(number) => visitor.visit_string(number),
            other => other.visit(visitor),
        }
    }

    /// Gives bytes one by one to a type such as `Vec<u8>`.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.open()? {
            Opened::Bytes(bytes) => visit_items(bytes, visitor),
            other => other.visit(visitor),
        }
    }

    forward! {
        deserialize_seq:
        deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self.open()? {
            Opened::Text(variant) => visitor.visit_enum(variant.into_deserializer()),
            Opened::Map(map) if map.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(map.into_iter().map(member))))
            }
            _ => Err(JsonError::custom("not the variant of an enum: neither its name nor a map with one key")),
        }
    }

    deserialize_wide! {
        deserialize_i128 visit_i128
        deserialize_u128 visit_u128
    }

    forward! {
        visit:
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_unit()
        deserialize_unit_struct(&'static str)
        deserialize_map()
        deserialize_struct(&'static str, &'static [&'static str])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
    use std::fmt::Debug;

    use proptest::collection::{btree_map, btree_set, hash_map, vec};
    use proptest::option;
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    /// Writes JSON as the attribute value of the same shape.
    fn attribute(json: &Value) -> Value {
        match json {
            Value::Null => json!({"NULL": true}),
            Value::Bool(value) => json!({"BOOL": value}),
            Value::Number(number) => json!({"N": number.to_string()}),
            Value::String(text) => json!({"S": text}),
            Value::Array(items) => json!({"L": items.iter().map(attribute).collect::<Value>()}),
            Value::Object(members) => {
                json!({"M": members.iter().map(|(key, value)| (key.clone(), attribute(value))).collect::<Value>()})
            }
        }
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Item<T> {
        it: T,
    }

    /// Reads the only attribute of an item.
    fn read_attribute<T: DeserializeOwned>(attribute: &Value) -> Result<T, Error> {
        read::<Item<T>>(json!({ "it": attribute }).to_string().as_bytes()).map(|item| item.it)
    }

    /// Asserts that a type reads an attribute value as it reads the same JSON, or refuses both.
    fn check<T: DeserializeOwned + Debug + PartialEq>(json: &Value) -> Result<(), TestCaseError> {
        // `Value` reads some JSON less strictly than text.
        let expected = serde_json::from_str::<T>(&json.to_string());
        match (read_attribute::<T>(&attribute(json)), expected) {
            (Ok(read), Ok(expected)) => prop_assert_eq!(read, expected),
            (Err(_), Err(_)) => {}
            (read, expected) => prop_assert!(false, "{} {read:?}, not {expected:?}: {json}", type_name::<T>()),
        }
        Ok(())
    }

    /// Reads JSON as the type of `_value`, and writes it again.
    fn write_again<T: DeserializeOwned + Serialize>(_value: &T, json: &Value) -> Value {
        serde_json::to_value(read_attribute::<T>(&attribute(json)).unwrap()).unwrap()
    }

    macro_rules! check_all {
        ($json:expr, $($type:ty),* $(,)?) => {$( check::<$type>($json)?; )*};
    }

    #[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
    struct Nothing;

    #[derive(Clone, Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
    struct Wrapped<T>(T);

    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    struct Pair(i8, bool);

    #[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Level {
        Low,
        High,
    }

    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    enum External {
        Unit,
        Number(u64),
        Optional(Option<i8>),
        Pair(i8, bool),
        Struct { number: f64, optional: Option<bool> },
    }

    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    #[serde(tag = "a")]
    enum Internal {
        Unit,
        Map(BTreeMap<String, u64>),
        Struct { list: Vec<External>, b: f64, bytes: [u8; 2] },
    }

    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    #[serde(tag = "b", content = "a")]
    enum Adjacent {
        Unit,
        Number(i64),
        Pair(i8, bool),
        Struct { optional: Option<u8> },
    }

    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    #[serde(untagged)]
    enum Untagged {
        Bool(bool),
        Number(u64),
        Float(f64),
        List(Vec<Untagged>),
        Struct { a: Box<Untagged> },
        Nothing,
    }

    #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
    struct Flat {
        a: Option<bool>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    /// Generates JSON of small parts, some of which many types take.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            prop_oneof![any::<i8>().prop_map(i64::from), any::<i64>()].prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            // `serde_json` reads other fractions with an error in the last digit.
            prop_oneof![Just(-1e300), any::<i32>().prop_map(|number| f64::from(number) / 8.0)].prop_map(Value::from),
            prop_oneof!["low|high|Unit|Number|a|1|true", ".{0,2}"].prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let key =
                "a|b|list|number|optional|bytes|Unit|Number|Pair|Struct|Optional|low|high|true|false|0|07|-?[1-9]{1,3}";
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                btree_map(key, inner, 0..3).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_type_reads_an_attribute_value_as_it_reads_the_same_json(json in any_json()) {
            check_all!(
                &json, bool, i8, u64, f64, i128, u128, char, (), Nothing, Option<()>, Option<u8>, Option<Option<bool>>,
                Wrapped<u8>, Wrapped<Option<bool>>, Pair, [u8; 0], [u8; 2], (bool,), (u8, Option<u8>), Vec<u8>,
                Vec<Option<i64>>, Vec<Value>, VecDeque<Wrapped<f64>>, BTreeSet<u8>, HashSet<Level>, Level, External,
                Vec<External>, Internal, Adjacent, Untagged, Flat, Value, BTreeMap<u8, Value>, BTreeMap<i64, bool>,
                BTreeMap<i128, Value>, HashMap<bool, Value>, HashMap<char, Value>, HashMap<Level, Value>,
                HashMap<Wrapped<i8>, Value>, HashMap<Wrapped<Level>, Value>, HashMap<Option<u8>, Value>,
                HashMap<(), Value>, BTreeMap<Wrapped<Option<char>>, External>, BTreeMap<String, Value>,
                BTreeMap<Option<Wrapped<String>>, Untagged>, Box<[bool]>, Result<u8, bool>, std::time::Duration,
                std::ops::Range<u8>,
            );
        }

        #[test]
        fn a_value_is_read_as_it_was_written(
            numbers in (any::<(i8, u8, i16, u16, i32, u32)>(), any::<(i64, u64, f32, f64)>()),
            texts in (any::<String>(), any::<char>(), any::<bool>(), option::of(".{0,3}")),
            bytes in any::<[u8; 3]>(),
            lists in (vec(any::<f64>(), 0..3), btree_set(".{0,3}", 0..3), vec(option::of(any::<bool>()), 0..3)),
            maps in (
                hash_map(any::<u64>(), any::<String>(), 0..3), hash_map(any::<i64>(), any::<bool>(), 0..3),
                hash_map(any::<bool>(), any::<char>(), 0..2), btree_map(any::<char>(), any::<u8>(), 0..3),
                btree_map(any::<String>().prop_map(Wrapped), Just(Level::High), 0..3),
            ),
            enums in (
                prop_oneof![Just(External::Unit), any::<(i8, bool)>().prop_map(|(a, b)| External::Pair(a, b))],
                prop_oneof![Just(Internal::Unit), btree_map("[b-z]", any::<u64>(), 0..3).prop_map(Internal::Map)],
                prop_oneof![Just(Adjacent::Unit), any::<i64>().prop_map(Adjacent::Number)],
                prop_oneof![any::<u64>().prop_map(Untagged::Number), any::<f64>().prop_map(Untagged::Float)],
            ),
        ) {
            prop_assume!(numbers.1.2.is_finite() && numbers.1.3.is_finite());
            prop_assume!(lists.0.iter().all(|float| float.is_finite()));
            let value = (numbers, texts, bytes, lists, maps, enums, Nothing, ());
            let json = serde_json::to_value(&value).unwrap();
            let again = read_attribute::<Value>(&attribute(&json)).unwrap();
            prop_assert_eq!(&again, &json);
            prop_assert_eq!(write_again(&value, &json), json);
        }
    }

    #[test]
    fn bytes_are_read_into_every_type_that_takes_them() {
        let bytes = json!({"B": "AQL/"});
        assert_eq!(read_attribute::<Vec<u8>>(&bytes).unwrap(), [1, 2, 255]);
        assert_eq!(read_attribute::<[u8; 3]>(&bytes).unwrap(), [1, 2, 255]);
        assert_eq!(read_attribute::<(u8, i64, f64)>(&bytes).unwrap(), (1, 2, 255.0));
        assert_eq!(read_attribute::<Option<Box<[u8]>>>(&bytes).unwrap().as_deref(), Some(&[1, 2, 255][..]));
        assert_eq!(read_attribute::<Wrapped<VecDeque<u8>>>(&bytes).unwrap().0, [1, 2, 255]);
        assert_eq!(read_attribute::<std::ffi::CString>(&json!({"B": "YWI="})).unwrap().as_bytes(), b"ab");
        assert_eq!(read_attribute::<Value>(&bytes).unwrap(), json!([1, 2, 255]));
        assert_eq!(
            read_attribute::<Untagged>(&bytes).unwrap(),
            Untagged::List([1, 2, 255].map(Untagged::Number).into())
        );
        let internal = json!({"M": {"a": {"S": "Struct"}, "list": {"L": []}, "b": {"N": "1"}, "bytes": {"B": "AQI="}}});
        let read = Internal::Struct { list: Vec::new(), b: 1.0, bytes: [1, 2] };
        assert_eq!(read_attribute::<Internal>(&internal).unwrap(), read);
        for wrong in [read_attribute::<[u8; 2]>(&bytes).is_ok(), read_attribute::<[u8; 4]>(&bytes).is_ok()] {
            assert!(!wrong);
        }
        assert!(read_attribute::<std::ops::Range<u8>>(&json!({"B": "AQI="})).is_err());
        assert!(read_attribute::<Vec<u8>>(&json!({"B": "A"})).is_err());
    }

    #[test]
    fn sets_are_read_into_lists_sets_and_tuples() {
        let (texts, numbers, bytes) = (json!({"SS": ["a", "b"]}), json!({"NS": ["1", "-2"]}), json!({"BS": ["AQ=="]}));
        assert_eq!(read_attribute::<Vec<String>>(&texts).unwrap(), ["a", "b"]);
        assert_eq!(read_attribute::<HashSet<char>>(&texts).unwrap(), HashSet::from(['a', 'b']));
        assert_eq!(read_attribute::<(char, String)>(&texts).unwrap(), ('a', "b".to_owned()));
        assert_eq!(read_attribute::<BTreeSet<i64>>(&numbers).unwrap(), BTreeSet::from([1, -2]));
        assert_eq!(read_attribute::<[String; 2]>(&numbers).unwrap(), ["1", "-2"]);
        assert_eq!(read_attribute::<HashSet<Vec<u8>>>(&bytes).unwrap(), HashSet::from([vec![1]]));
        assert_eq!(read_attribute::<[[u8; 1]; 1]>(&bytes).unwrap(), [[1]]);
        assert_eq!(read_attribute::<Value>(&numbers).unwrap(), json!([1, -2]));
        assert!(read_attribute::<Vec<String>>(&json!({"SS": [1]})).is_err());
        assert!(read_attribute::<(char,)>(&texts).is_err());
    }

    #[test]
    fn a_long_number_is_text_where_a_type_names_none() {
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(tag = "kind")]
        enum Tagged {
            Account { number: String },
        }
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(untagged)]
        enum Digits {
            Number(f64),
            Text(String),
        }
        let number = "12345678901234567890123456789012345678";
        let long = json!({ "N": number });
        assert_eq!(read_attribute::<String>(&long).unwrap(), number);
        assert_eq!(read_attribute::<Value>(&long).unwrap(), json!(number));
        assert_eq!(read_attribute::<Digits>(&long).unwrap(), Digits::Text(number.to_owned()));
        assert_eq!(read_attribute::<Digits>(&json!({"N": "0.1"})).unwrap(), Digits::Number(0.1));
        let account = json!({"M": {"kind": {"S": "Account"}, "number": long}});
        assert_eq!(read_attribute::<Tagged>(&account).unwrap(), Tagged::Account { number: number.to_owned() });
        assert_eq!(read_attribute::<u128>(&long).unwrap(), 12_345_678_901_234_567_890_123_456_789_012_345_678);
        assert_eq!(read_attribute::<f64>(&long).unwrap().to_string(), "12345678901234568000000000000000000000");
        let third = json!({"N": "0.3333333333333333333333333333"});
        assert_eq!(read_attribute::<Digits>(&third).unwrap(), Digits::Number(1.0 / 3.0));
        assert_eq!(read_attribute::<f32>(&third).unwrap().to_string(), "0.33333334");
        assert!(read_attribute::<u64>(&long).unwrap_err().message().contains("floating point"));
        for wrong in ["", "NaN", "inf", "-infinity", "0x1", "1_0", "1234567890123456789x"] {
            assert!(read_attribute::<f64>(&json!({ "N": wrong })).is_err(), "{wrong}");
            assert!(read_attribute::<Value>(&json!({ "N": wrong })).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_that_is_spelled_in_another_way_is_no_number() {
        for (key, number) in [("0", Some(0)), ("-7", Some(-7)), ("-0", None), ("+7", None), ("07", None), (" 7", None)]
        {
            let map = json!({"M": {key: {"BOOL": true}}});
            assert_eq!(read_attribute::<BTreeMap<i8, bool>>(&map).ok().and_then(|map| map.into_keys().next()), number);
        }
    }

    #[test]
    fn a_value_that_is_no_attribute_value_is_refused_only_if_it_is_read() {
        #[derive(Deserialize)]
        struct Few {
            _it: (),
        }
        let wrong = [json!(1), json!({}), json!({"X": 1}), json!({"S": 1}), json!({"NULL": true, "S": "a"})];
        for wrong in wrong {
            assert!(read_attribute::<Option<Value>>(&wrong).is_err(), "{wrong}");
            let item = json!({"_it": {"NULL": true}, "more": wrong});
            assert!(read::<Few>(item.to_string().as_bytes()).is_ok(), "{wrong}");
        }
    }
}
