//! The deserializer of attribute values, the JSON in which `DynamoDB` writes an item: `{"N": "7"}` for a number.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>.

use std::any::type_name;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde_json::{Error as JsonError, Map, Value};

use super::content::decoded;
use super::raw::invalid;
use crate::error::Error;

/// Reads an item.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    let item = serde_json::from_slice::<Map<String, Value>>(json);
    item.and_then(|item| T::deserialize(Attribute::Map(item)))
        .map_err(|error| invalid(&format!("as `{}`: {error}", type_name::<T>())))
}

/// An attribute value.
enum Attribute {
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
    fn of(value: Value) -> Result<Self, JsonError> {
        let wrong = || JsonError::custom("not an attribute value of DynamoDB");
        let Value::Object(members) = value else { return Err(wrong()) };
        let mut members = members.into_iter();
        let (Some((kind, value)), None) = (members.next(), members.next()) else { return Err(wrong()) };
        let bytes = |text: &str| decoded(text).map(Self::Bytes).map_err(|error| JsonError::custom(error.message()));
        Ok(match (&*kind, value) {
            ("NULL", _) => Self::Null,
            ("BOOL", Value::Bool(value)) => Self::Bool(value),
            ("S", Value::String(text)) => Self::Text(text),
            ("N", Value::String(number)) => Self::Number(number),
            ("B", Value::String(text)) => bytes(&text)?,
            ("M", Value::Object(map)) => Self::Map(map),
            ("L", Value::Array(list)) => Self::List(list.into_iter().map(Self::of).collect::<Result<_, _>>()?),
            ("SS" | "NS" | "BS", Value::Array(set)) => {
                let item = |item| match (&*kind, item) {
                    ("SS", Value::String(text)) => Ok(Self::Text(text)),
                    ("NS", Value::String(number)) => Ok(Self::Number(number)),
                    ("BS", Value::String(text)) => bytes(&text),
                    _ => Err(wrong()),
                };
                Self::List(set.into_iter().map(item).collect::<Result<_, _>>()?)
            }
            _ => return Err(wrong()),
        })
    }
}

/// A value of a map, converted only when it is read.
struct Unread(Value);

impl IntoDeserializer<'_, JsonError> for Unread {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl IntoDeserializer<'_, JsonError> for Attribute {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Visits a number as the narrowest type that holds it exactly, else as a floating-point number.
fn visit_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, JsonError> {
    if let Ok(number) = number.parse::<u64>() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = number.parse::<i64>() {
        return visitor.visit_i64(number);
    }
    visitor.visit_f64(number.parse().map_err(|_| JsonError::custom("not a number of DynamoDB"))?)
}

impl<'de> Deserializer<'de> for Attribute {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Text(text) => visitor.visit_string(text),
            Self::Number(number) => visit_number(&number, visitor),
            Self::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Self::List(list) => visitor.visit_seq(SeqDeserializer::new(list.into_iter())),
            Self::Map(map) => {
                visitor.visit_map(MapDeserializer::new(map.into_iter().map(|(key, value)| (key, Unread(value)))))
            }
        }
    }

    /// Gives the text of a number, which keeps all its digits.
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Number(number) => visitor.visit_string(number),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_string(visitor)
    }

    /// Gives bytes one by one to a type such as `Vec<u8>`.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Bytes(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.into_iter())),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match &self {
            Self::Number(number) => match number.parse() {
                Ok(number) => visitor.visit_i128(number),
                Err(_) => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match &self {
            Self::Number(number) => match number.parse() {
                Ok(number) => visitor.visit_u128(number),
                Err(_) => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if matches!(self, Self::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
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
        match self {
            Self::Text(variant) => visitor.visit_enum(variant.into_deserializer()),
            Self::Map(map) => {
                let variants = map.into_iter().map(|(variant, content)| (variant, Unread(content)));
                visitor.visit_enum(serde::de::value::MapAccessDeserializer::new(MapDeserializer::new(variants)))
            }
            _ => Err(JsonError::custom("not the variant of an enum")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

impl<'de> Deserializer<'de> for Unread {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_string(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_string(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_seq(visitor)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_i128(visitor)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_u128(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_option(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        Attribute::of(self.0)?.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier
    }
}
