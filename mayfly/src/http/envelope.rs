//! `Envelope`: the members of an event that any of the sources describes a request with.
//!
//! The event is read once, and its source decided afterwards, by the members that are there.

use std::borrow::Cow;
use std::{fmt, mem};

use bytes::Bytes;
use http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::scanner::{Refused, Scanner};
use super::visit::{Key, Members, Text, Values};

/// The members of an HTTP event.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    /// The version of the event's format.
    pub(crate) version: Option<Cow<'a, str>>,
    pub(crate) http_method: Option<Cow<'a, str>>,
    pub(crate) method: Option<Cow<'a, str>>,
    pub(crate) path: Option<Cow<'a, str>>,
    pub(crate) raw_path: Option<Cow<'a, str>>,
    pub(crate) raw_query: Option<Cow<'a, str>>,
    /// The parameters of the query, from the member that holds all values if it is there.
    pub(crate) query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    has_all_query: bool,
    /// The headers, from the member that holds all values if it is there.
    pub(crate) headers: HeaderMap,
    /// Whether the event has `multiValueHeaders`.
    pub(crate) has_all_headers: bool,
    pub(crate) body: Option<Cow<'a, str>>,
    pub(crate) is_base64: bool,
    pub(crate) context: Option<RequestContext<'a>>,
    /// The caller's mistake, if there is one.
    pub(crate) refusal: Option<Refusal>,
}

/// The members of `requestContext`.
#[derive(Debug, Default)]
pub(crate) struct RequestContext<'a> {
    /// `http.method`.
    pub(crate) method: Option<Cow<'a, str>>,
    pub(crate) stage: Option<Cow<'a, str>>,
    pub(crate) domain_name: Option<Cow<'a, str>>,
    pub(crate) event_type: Option<Cow<'a, str>>,
    pub(crate) route_key: Option<Cow<'a, str>>,
    pub(crate) has_connection: bool,
    pub(crate) has_elb: bool,
    pub(crate) has_service: bool,
}

/// The response to a request that HTTP does not allow: a status and a sentence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) sentence: &'static str,
}

const BAD_HEADER: Refusal =
    Refusal { status: 400, sentence: "a header has a name or a value that HTTP does not allow" };
const TOO_MANY_HEADERS: Refusal = Refusal { status: 431, sentence: "the request has too many headers" };

impl<'a> Envelope<'a> {
    /// Reads an event, whose headers are slices of `event`, the memory that `text` stands in.
    pub(crate) fn read(text: &'a str, event: &Bytes) -> Result<Self, Refused> {
        let mut text = Scanner::new(text);
        let envelope = Reader(event).deserialize(&mut text)?;
        text.end()?;
        Ok(envelope)
    }

    /// Reads an event with `serde_json`.
    pub(crate) fn from_json<R: serde_json::de::Read<'a>>(
        json: &mut serde_json::Deserializer<R>,
        event: &Bytes,
    ) -> Result<Self, serde_json::Error> {
        let envelope = Reader(event).deserialize(&mut *json)?;
        json.end()?;
        Ok(envelope)
    }

    /// Puts all cookies into one header: some sources split them, others list them beside the headers, too.
    fn join_cookies(&mut self, listed: String) {
        let mut cookies = listed;
        if cookies.is_empty() {
            let mut all = self.headers.get_all(COOKIE).iter();
            let (Some(first), true) = (all.next(), all.next().is_some()) else { return };
            cookies.push_str(&String::from_utf8_lossy(first.as_bytes()));
            for more in self.headers.get_all(COOKIE).iter().skip(1) {
                cookies.push_str("; ");
                cookies.push_str(&String::from_utf8_lossy(more.as_bytes()));
            }
        }
        match HeaderValue::from_maybe_shared(Bytes::from(cookies)) {
            Ok(value) => {
                if self.headers.try_insert(COOKIE, value).is_err() {
                    self.refusal = Some(TOO_MANY_HEADERS);
                }
            }
            Err(_) => self.refusal = Some(BAD_HEADER),
        }
    }
}

/// Reads an envelope.
struct Reader<'s>(&'s Bytes);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Envelope<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an HTTP event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut it, mut cookies) = (Envelope::default(), String::new());
        while let Some(key) = members.next_key_seed(Key)? {
            match &*key {
                "version" => it.version = members.next_value_seed(Text)?,
                "httpMethod" => it.http_method = members.next_value_seed(Text)?,
                "method" => it.method = members.next_value_seed(Text)?,
                "path" => it.path = members.next_value_seed(Text)?,
                "rawPath" => it.raw_path = members.next_value_seed(Text)?,
                "rawQueryString" => it.raw_query = members.next_value_seed(Text)?,
                "body" => it.body = members.next_value_seed(Text)?,
                "isBase64Encoded" => it.is_base64 = members.next_value_seed(Text)?.as_deref() == Some("true"),
                "requestContext" => it.context = members.next_value_seed(ContextReader)?,
                // An empty member with all values says nothing: the one with one value each may say more.
                "headers" if !it.has_all_headers || it.headers.is_empty() => _ = self.headers(&mut it, &mut members)?,
                "multiValueHeaders" => {
                    let single = mem::take(&mut it.headers);
                    it.has_all_headers = self.headers(&mut it, &mut members)?;
                    if it.headers.is_empty() {
                        it.headers = single;
                    }
                }
                "queryStringParameters" if !it.has_all_query => _ = query(&mut it.query, &mut members)?,
                "multiValueQueryStringParameters" => {
                    let mut all = Vec::new();
                    if query(&mut all, &mut members)? && !all.is_empty() {
                        (it.query, it.has_all_query) = (all, true);
                    }
                }
                "cookies" => members.next_value_seed(Values(|cookie: Cow<'_, str>| {
                    cookies.push_str(if cookies.is_empty() { "" } else { "; " });
                    cookies.push_str(&cookie);
                }))?,
                _ => _ = members.next_value::<IgnoredAny>()?,
            }
        }
        it.join_cookies(cookies);
        Ok(it)
    }
}

impl Reader<'_> {
    /// Adds headers; returns whether the member is there.
    fn headers<'de, A: MapAccess<'de>>(&self, it: &mut Envelope<'de>, members: &mut A) -> Result<bool, A::Error> {
        let Envelope { headers, refusal, .. } = it;
        // It fails on a map that is nearly full, which only a repeated member can find.
        let _ = headers.try_reserve(16);
        members.next_value_seed(Members(|name: &Cow<'de, str>, value: Cow<'de, str>| {
            let value = match value {
                Cow::Borrowed(text) => self.0.slice_ref(text.as_bytes()),
                Cow::Owned(text) => Bytes::from(text),
            };
            let name = HeaderName::from_bytes(name.as_bytes());
            let (Ok(name), Ok(value)) = (name, HeaderValue::from_maybe_shared(value)) else {
                *refusal = Some(BAD_HEADER);
                return;
            };
            if headers.try_append(name, value).is_err() {
                *refusal = Some(TOO_MANY_HEADERS);
            }
        }))
    }
}

/// Adds the parameters of a query; returns whether the member is there.
fn query<'de, A: MapAccess<'de>>(
    into: &mut Vec<(Cow<'de, str>, Cow<'de, str>)>,
    members: &mut A,
) -> Result<bool, A::Error> {
    members.next_value_seed(Members(|key: &Cow<'de, str>, value| into.push((key.clone(), value))))
}

/// Reads `requestContext`.
struct ContextReader;

impl<'de> DeserializeSeed<'de> for ContextReader {
    type Value = Option<RequestContext<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ContextReader {
    type Value = Option<RequestContext<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request context or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut it = RequestContext::default();
        while let Some(key) = members.next_key_seed(Key)? {
            match &*key {
                "http" => {
                    members.next_value_seed(Members(|key: &Cow<'de, str>, value| {
                        if key == "method" {
                            it.method = Some(value);
                        }
                    }))?;
                }
                "stage" => it.stage = members.next_value_seed(Text)?,
                "domainName" => it.domain_name = members.next_value_seed(Text)?,
                "eventType" => it.event_type = members.next_value_seed(Text)?,
                "routeKey" => it.route_key = members.next_value_seed(Text)?,
                "connectionId" => it.has_connection = members.next_value_seed(Text)?.is_some(),
                "elb" => it.has_elb = members.next_value::<Option<IgnoredAny>>()?.is_some(),
                "serviceArn" => it.has_service = members.next_value_seed(Text)?.is_some(),
                _ => _ = members.next_value::<IgnoredAny>()?,
            }
        }
        Ok(Some(it))
    }
}
