//! The JSON path in the error of a bad event, compared with the path that `serde_path_to_error` tracks: ours is the
//! same path or that of an enclosing value, never that of a neighbour.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use mayfly::Event;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;
use serde_path_to_error::Segment;
use serde_with::json::JsonString;
use serde_with::{DisplayFromStr, OneOrMany, serde_as};

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
struct Color(String);

impl TryFrom<String> for Color {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if name == "red" { Ok(Self(name)) } else { Err("this is no color".to_owned()) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "(u8, u8)")]
struct Range;

impl TryFrom<(u8, u8)> for Range {
    type Error = &'static str;

    fn try_from((first, last): (u8, u8)) -> Result<Self, &'static str> {
        if first <= last { Ok(Self) } else { Err("the last is before the first") }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
struct Item {
    name: String,
    price: u8,
    color: Option<Color>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
enum External {
    Unit,
    New(Item),
    Tuple(u8, Color),
    Struct { range: Range, text: String },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "only read")]
enum Internal {
    Unit,
    New(Item),
    Struct { color: Color, items: Vec<Item> },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "t", content = "c")]
#[expect(dead_code, reason = "only read")]
enum Adjacent {
    Unit,
    New(Color),
    Tuple(u8, Color),
    Struct { price: u8 },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only read")]
enum Untagged {
    Number(u8),
    Item(Item),
    Pair(bool, Color),
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Flat {
    id: u8,
    #[serde(flatten)]
    internal: Internal,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[serde_as]
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct With {
    #[serde_as(as = "DisplayFromStr")]
    number: u8,
    #[serde_as(as = "JsonString")]
    item: Item,
    #[serde_as(as = "OneOrMany<_>")]
    colors: Vec<Color>,
    #[serde(deserialize_with = "reworded")]
    range: Range,
    #[serde_as(as = "Vec<DisplayFromStr>")]
    numbers: Vec<u16>,
}

fn reworded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Range, D::Error> {
    Range::deserialize(deserializer).map_err(|error| D::Error::custom(format!("no range ({error})")))
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Body {
    innocent: String,
    #[serde(deserialize_with = "json_in_a_string")]
    body: Item,
}

fn json_in_a_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Item, D::Error> {
    serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Numbers {
    tiny: i8,
    huge: u128,
    low: i128,
    real: f32,
    letter: char,
    yes: bool,
    nothing: (),
    three: [u8; 3],
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Everything {
    external: Vec<External>,
    internal: Internal,
    untagged: Option<Untagged>,
    adjacent: (Adjacent, Adjacent),
    map: BTreeMap<String, Vec<Range>>,
}

/// A JSON text that keeps the order of its members.
#[derive(Clone, Debug)]
enum Json {
    Scalar(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(values) => Self::Array(values.iter().map(Self::of).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::of(value))).collect())
            }
            scalar => Self::Scalar(scalar.to_string()),
        }
    }

    /// Writes the JSON with `gap` wherever white space is allowed.
    fn write(&self, gap: &str, text: &mut String) {
        match self {
            Self::Scalar(scalar) => text.push_str(scalar),
            Self::Array(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    text.push_str(gap);
                    value.write(gap, text);
                    text.push_str(gap);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    write!(text, "{gap}{}{gap}:{gap}", Value::from(name.as_str())).unwrap();
                    value.write(gap, text);
                    text.push_str(gap);
                }
                text.push('}');
            }
        }
    }

    /// Returns every JSON that differs from this one in one place.
    fn mutants(&self) -> Vec<Self> {
        const OTHERS: [&str; 14] = [
            "null",
            "true",
            "7",
            "300",
            "-1",
            "1.5",
            "1e999",
            r#""green""#,
            r#""red""#,
            r#""at line 1 column 5""#,
            "[]",
            "[9,1]",
            "{}",
            r#"{"New":"x"}"#,
        ];
        let mut mutants: Vec<_> = OTHERS.iter().map(|other| Self::Scalar((*other).to_owned())).collect();
        match self {
            Self::Scalar(_) => {}
            Self::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    let with = |new: &[Self]| Self::Array([&values[..index], new, &values[index + 1..]].concat());
                    mutants.extend([with(&[]), with(&[value.clone(), value.clone()])]);
                    mutants.extend(value.mutants().into_iter().map(|value| with(&[value])));
                }
            }
            Self::Object(members) => {
                mutants.push(Self::Object(members.iter().rev().cloned().collect()));
                for (index, (name, value)) in members.iter().enumerate() {
                    let with =
                        |new: &[(String, Self)]| Self::Object([&members[..index], new, &members[index + 1..]].concat());
                    let member = (name.clone(), value.clone());
                    mutants.extend([with(&[]), with(&[member.clone(), member.clone()])]);
                    for key in ["other", "", "a.\"b", "300", &"long".repeat(20)] {
                        mutants.push(with(&[(key.to_owned(), value.clone())]));
                        mutants.push(with(&[member.clone(), (key.to_owned(), value.clone())]));
                    }
                    mutants.extend(value.mutants().into_iter().map(|value| with(&[(name.clone(), value)])));
                }
            }
        }
        mutants
    }
}

/// Makes events from a valid one by changing its values, in both orders of its members, and its bytes.
fn events(valid: &str) -> BTreeSet<Vec<u8>> {
    let json = Json::of(&serde_json::from_str(valid).unwrap());
    let mut events = BTreeSet::from([valid.as_bytes().to_vec()]);
    let reversed = reversed(&json);
    for mutant in json.mutants().iter().chain(&reversed.mutants()) {
        for gap in ["", "\n "] {
            let mut text = String::new();
            mutant.write(gap, &mut text);
            events.insert(text.into_bytes());
        }
    }
    for at in 0..valid.len() {
        let bytes = valid.as_bytes();
        events.insert(bytes[..at].to_vec());
        for odd in [&b"\""[..], b"]", b"}", b",", b":", b"x", b"\xff", b"\n", b"\\", b" ", b"[", b"0", b",\"z\":1", b""]
        {
            events.insert([&bytes[..at], odd, &bytes[at + 1..]].concat());
            events.insert([&bytes[..at], odd, &bytes[at..]].concat());
        }
    }
    events
}

fn reversed(json: &Json) -> Json {
    match json {
        Json::Scalar(_) => json.clone(),
        Json::Array(values) => Json::Array(values.iter().map(reversed).collect()),
        Json::Object(members) => {
            Json::Object(members.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect())
        }
    }
}

/// Returns the segments of the tracked path; `None` if the event is valid.
fn tracked<T: DeserializeOwned>(event: &[u8]) -> Option<Vec<Segment>> {
    let mut json = serde_json::Deserializer::from_slice(event);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => json.end().err().map(|_| Vec::new()),
        Err(error) => Some(error.path().iter().cloned().collect()),
    }
}

/// Compares a path with the segments; returns the number of segments that it lacks, `None` if it leads elsewhere.
fn missing(path: &str, segments: &[Segment]) -> Option<usize> {
    let mut expected = "$".to_owned();
    for (taken, segment) in segments.iter().enumerate() {
        if path == expected {
            return Some(segments.len() - taken);
        }
        match segment {
            Segment::Seq { index } => write!(expected, "[{index}]").unwrap(),
            Segment::Map { key } | Segment::Enum { variant: key } => expected.push_str(&member(key)),
            // A key that serde does not read as a string.
            Segment::Unknown => return path.starts_with(&expected).then_some(0),
        }
    }
    (path == expected).then_some(0)
}

/// Writes a segment of a path as it is documented, with at most 40 characters of the key.
fn member(key: &str) -> String {
    let written = Value::from(key).to_string();
    let written = &written[1..written.len() - 1];
    let short: String = written.chars().take(40).collect();
    let dots = if short == written { "" } else { "…" };
    if !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        format!(".{short}{dots}")
    } else {
        format!("[\"{short}{dots}\"]")
    }
}

#[derive(Debug, Default)]
struct Tally {
    errors: usize,
    exact: usize,
    wrong: Vec<String>,
}

fn check<T: DeserializeOwned + Debug>(valid: &str, tally: &mut Tally) {
    T::read(valid.as_bytes()).unwrap_or_else(|error| panic!("{valid}: {}", error.message()));
    for event in events(valid) {
        let (tracked, read) = (tracked::<T>(&event), T::read(&event).err());
        let text = String::from_utf8_lossy(&event);
        assert_eq!(tracked.is_some(), read.is_some(), "{text}");
        let Some((segments, error)) = tracked.zip(read) else { continue };
        let message = error.message();
        let path = message.split("`: at `").nth(1).unwrap();
        let path = path.split("`: ").next().unwrap();
        tally.errors += 1;
        match missing(path, &segments) {
            Some(0) => tally.exact += 1,
            Some(_) => {}
            None => tally.wrong.push(format!("{segments:?}\n  {message}\n  {}", text.replace('\n', ""))),
        }
    }
}

#[test]
fn the_path_of_a_bad_event_is_the_tracked_one_or_an_enclosing_one() {
    const ITEM: &str = r#"{"name":"a","price":1,"color":"red"}"#;
    let mut tally = Tally::default();
    check::<Vec<Color>>(r#"["red","red"]"#, &mut tally);
    check::<[u8; 3]>("[1,2,3]", &mut tally);
    check::<(u8, Color, Option<Range>)>(r#"[1,"red",[1,2]]"#, &mut tally);
    check::<Vec<Range>>("[[1,2],[3,4]]", &mut tally);
    check::<Vec<Item>>(&format!("[{ITEM},{ITEM}]"), &mut tally);
    check::<Vec<External>>(
        &format!(r#"["Unit",{{"New":{ITEM}}},{{"Tuple":[1,"red"]}},{{"Struct":{{"range":[1,2],"text":"t"}}}}]"#),
        &mut tally,
    );
    check::<Vec<Internal>>(
        &format!(
            r#"[{{"type":"Unit"}},{{"type":"New","name":"a","price":1}},{{"type":"Struct","color":"red","items":[{ITEM}]}}]"#
        ),
        &mut tally,
    );
    check::<Vec<Adjacent>>(
        r#"[{"t":"Unit"},{"t":"New","c":"red"},{"t":"Tuple","c":[1,"red"]},{"t":"Struct","c":{"price":1}}]"#,
        &mut tally,
    );
    check::<Vec<Untagged>>(&format!(r#"[1,{ITEM},[true,"red"]]"#), &mut tally);
    check::<Flat>(r#"{"id":1,"more":[{"a":1}],"type":"Struct","color":"red","items":[]}"#, &mut tally);
    check::<With>(
        r#"{"number":"1","item":"{\"name\":\"a\",\"price\":1}","colors":["red"],"range":[1,2],"numbers":["1","2"]}"#,
        &mut tally,
    );
    check::<Body>(r#"{"innocent":"aaaa","body":"{\"name\":\"a\",\"price\":1}"}"#, &mut tally);
    check::<Numbers>(
        r#"{"tiny":1,"huge":1,"low":-1,"real":1.5,"letter":"a","yes":true,"nothing":null,"three":[1,2,3]}"#,
        &mut tally,
    );
    check::<BTreeMap<u8, Color>>(r#"{"1":"red","2":"red"}"#, &mut tally);
    check::<BTreeMap<Color, Vec<u8>>>(r#"{"red":[1,2]}"#, &mut tally);
    check::<BTreeMap<bool, u8>>(r#"{"true":1}"#, &mut tally);
    check::<Everything>(
        &format!(
            r#"{{"external":[{{"New":{ITEM}}}],"internal":{{"type":"Unit"}},"untagged":[true,"red"],
            "adjacent":[{{"t":"New","c":"red"}},{{"t":"Unit"}}],"map":{{"a":[[1,2]]}}}}"#
        ),
        &mut tally,
    );
    let Tally { errors, exact, wrong } = tally;
    assert!(wrong.is_empty(), "{} of {errors} lead elsewhere:\n{}", wrong.len(), wrong.join("\n"));
    assert!(errors > 10_000 && exact * 3 > errors * 2, "{exact} of {errors} lead all the way");
}

/// Returns the path in the error for `event`.
fn path<T: DeserializeOwned + Debug>(event: &str) -> String {
    let error = T::read(event.as_bytes()).unwrap_err();
    let path = error.message().split("`: at `").nth(1).and_then(|rest| rest.split("`: ").next());
    path.unwrap_or_else(|| panic!("{}", error.message())).to_owned()
}

#[test]
fn an_error_of_the_types_own_leads_to_the_value_and_not_to_its_neighbour() {
    for (event, expected) in
        [(r#"["green","red"]"#, "$[0]"), (r#"["red","green","red"]"#, "$[1]"), (r#"["red", "green"]"#, "$")]
    {
        assert_eq!(path::<Vec<Color>>(event), expected, "{event}");
    }
    assert_eq!(path::<[u8; 3]>("[1,2]"), "$");
    assert_eq!(path::<[u8; 3]>("[]"), "$");
    assert_eq!(path::<BTreeMap<u8, u8>>(r#"{"":1}"#), r#"$[""]"#);
    assert_eq!(path::<BTreeMap<u8, u8>>(r#"{"1":1,"x":2}"#), "$.x");
    assert_eq!(path::<BTreeMap<u8, u8>>(r#"{"300":1}"#), "$.300");
    assert_eq!(path::<Item>(r#"{"color":"green","name":"a","price":1}"#), "$.color");
    assert_eq!(path::<Item>(r#"{"name":"a","price":"x"}"#), "$.price");
    assert_eq!(path::<Vec<Internal>>(r#"[{"type":"New","name":7,"price":1},{"type":"Unit"}]"#), "$[0]");
    assert_eq!(path::<Adjacent>(r#"{"c":"green","t":"New"}"#), "$");
}

#[test]
fn a_place_written_by_the_sender_is_not_trusted() {
    for forged in ["1 column 5", "2 column 18446744073709551615", "18446744073709551615 column 1", "0 column 0"] {
        let body = format!(r#"{{\"at line {forged}\":1}}"#);
        let event = format!("{{\"innocent\":\"aaaa\",\n\"body\":\"{body}\"}}");
        let error = Body::read(event.as_bytes()).unwrap_err();
        assert_eq!(path::<Body>(&event), "$", "{}", error.message());
        let place = format!(" at line 2 column {}", event.lines().nth(1).unwrap().len());
        assert!(error.message().ends_with(&place), "{}", error.message());
        // The text of an error, verbatim.
        let event = format!(r#"["red", {{"at line {forged}":1}}, "at line {forged}"]"#);
        assert_eq!(path::<Vec<Echo>>(&event), "$[0]");
    }
}

/// A type with the text itself as its error.
#[derive(Debug)]
struct Echo;

impl<'de> Deserialize<'de> for Echo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(format!("refused: {}", Value::deserialize(deserializer)?)))
    }
}

/// A type that rejects every value and counts how often it was read.
#[derive(Debug)]
struct Once;

static READINGS: AtomicUsize = AtomicUsize::new(0);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READINGS.fetch_add(1, Ordering::Relaxed);
        // User code may rely on this, since Lambda sends nothing but JSON.
        Value::deserialize(deserializer).expect("the event is JSON");
        Err(D::Error::custom("refused"))
    }
}

#[test]
fn the_code_of_a_type_reads_an_event_exactly_once() {
    for (number, (event, expected)) in [(r#"[{"a":1},2]"#, "$[0]"), (r#"[["a"]]"#, "$")].into_iter().enumerate() {
        assert_eq!(path::<Vec<Once>>(event), expected);
        assert_eq!(READINGS.load(Ordering::Relaxed), number + 1, "{event}");
    }
}

#[test]
fn a_path_is_short_for_long_keys_and_deep_values() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Deep(BTreeMap<String, Deep>);

    let key = "é".repeat(1_000_000);
    assert_eq!(path::<BTreeMap<String, u8>>(&format!(r#"{{"{key}":[]}}"#)), format!("$[\"{}…\"]", "é".repeat(40)));
    let deep = r#"{"abc":"#.repeat(100);
    assert_eq!(path::<Deep>(&format!("{deep}7")), format!("${}…{}", ".abc".repeat(10), ".abc".repeat(10)));
    let ignored = format!(r#"{{"a":{}"#, "[".repeat(3_000_000));
    assert!(path::<Body>(&ignored).len() < 100);
    assert!(path::<Body>(&format!("{ignored}{}", "]".repeat(3_000_000))).len() < 100);
}
