//! Evaluates values of a `CloudFormation` template in each case of its conditions and parameters.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::template::declared::Setting;

/// The largest number of cases.
const MAX_CASES: usize = 64;

/// A case: a value for each condition, and for each parameter with a list of values.
pub(crate) struct Case<'a> {
    document: &'a Value,
    decided: BTreeMap<String, String>,
    /// The first value that was needed and is not decided, with its options.
    undecided: RefCell<Option<(String, Vec<String>)>>,
}

/// Evaluates something in each case that makes a difference to it; `None` if there are too many cases. Each result
/// comes with its case in words, which are empty if all cases have the same result.
pub(crate) fn each<T: PartialEq>(document: &Value, evaluate: impl Fn(&Case<'_>) -> T) -> Option<Vec<(String, T)>> {
    let mut remaining = vec![Case { document, decided: BTreeMap::new(), undecided: RefCell::default() }];
    let mut results: Vec<(String, T)> = Vec::new();
    let mut cases = 1;
    while let Some(case) = remaining.pop() {
        let result = evaluate(&case);
        if let Some((what, options)) = case.undecided.take() {
            cases += options.len();
            if cases > MAX_CASES {
                return None;
            }
            remaining.extend(options.into_iter().rev().map(|option| case.decide(&what, option)));
        } else if results.iter().all(|(_, other)| *other != result) {
            results.push((case.words(), result));
        }
    }
    if let [(words, _)] = results.as_mut_slice() {
        words.clear();
    }
    Some(results)
}

impl Case<'_> {
    /// Follows keys down a value, through conditions. The error says what the value depends on, if it is known only at
    /// deployment.
    pub(crate) fn at<'b>(&self, value: &'b Value, keys: &[&str]) -> Result<Option<&'b Value>, String> {
        let Some(value) = self.without_conditions(value)? else { return Ok(None) };
        let Some((key, keys)) = keys.split_first() else { return Ok(Some(value)) };
        match (value.get(key), function(value)) {
            (Some(member), _) => self.at(member, keys),
            (None, Some((name, _))) => Err(format!("depends on `{name}`")),
            (None, None) => Ok(None),
        }
    }

    /// Returns the string that a value evaluates to.
    pub(crate) fn text(&self, value: &Value) -> Setting {
        match (value, function(value)) {
            (Value::Null, _) => Setting::Absent,
            (Value::String(text), _) => match text.split_once("{{resolve:").and_then(|(_, rest)| rest.split_once("}}"))
            {
                Some((reference, _)) => Setting::Unknown(format!("depends on `{{{{resolve:{reference}}}}}`")),
                None => Setting::Text(text.clone()),
            },
            (Value::Number(_) | Value::Bool(_), _) => Setting::Text(value.to_string()),
            (_, Some((name, argument))) => self.call(name, argument),
            _ => Setting::Unknown("is not a string".to_owned()),
        }
    }

    fn call(&self, name: &str, argument: &Value) -> Setting {
        match (name, argument) {
            ("Ref", Value::String(name)) => self.reference(name),
            ("Fn::If", Value::Array(parts)) => {
                self.branch(parts).map_or_else(|| unknown(name), |branch| self.text(branch))
            }
            ("Fn::Sub", Value::String(text)) => self.substitute(text, &Map::new()),
            ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(text), Value::Object(variables)] => self.substitute(text, variables),
                _ => unknown(name),
            },
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(between), Value::Array(parts)] => self.join(between, parts),
                _ => unknown(name),
            },
            ("Fn::FindInMap", Value::Array(parts)) => match parts.as_slice() {
                [map, first, second, ..] => self.find_in_map([map, first, second]),
                _ => unknown(name),
            },
            _ => unknown(name),
        }
    }

    fn reference(&self, name: &str) -> Setting {
        if name == "AWS::NoValue" {
            return Setting::Absent;
        }
        let Some(parameter) = self.document.get("Parameters").and_then(|parameters| parameters.get(name)) else {
            return Setting::Unknown(format!("depends on `{name}`"));
        };
        let default = parameter.get("Default").map(|default| self.text(default));
        let kind = parameter.get("Type").and_then(Value::as_str).unwrap_or_default();
        if kind.starts_with("AWS::SSM::Parameter::") {
            let path = default.as_ref().and_then(Setting::text).map(|path| format!(" `{path}`"));
            return Setting::Unknown(format!("depends on the SSM parameter{}", path.unwrap_or_default()));
        }
        let allowed = parameter.get("AllowedValues").and_then(Value::as_array).filter(|allowed| !allowed.is_empty());
        if let Some(allowed) = allowed {
            let allowed = allowed.iter().filter_map(|value| self.text(value).text().map(str::to_owned)).collect();
            return Setting::Text(self.decision(format!("parameter `{name}`"), allowed));
        }
        default.unwrap_or_else(|| Setting::Unknown(format!("depends on the parameter `{name}`, which has no default")))
    }

    fn substitute(&self, text: &str, variables: &Map<String, Value>) -> Setting {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            done.push_str(before);
            let Some((name, after)) = after.split_once('}') else { return unknown("Fn::Sub") };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                done.extend(["${", literal, "}"]);
                continue;
            }
            match variables.get(name).map_or_else(|| self.reference(name), |value| self.text(value)) {
                Setting::Text(value) => done.push_str(&value),
                Setting::Absent => {}
                unknown @ Setting::Unknown(_) => return unknown,
            }
        }
        Setting::Text(done + rest)
    }

    fn join(&self, between: &str, parts: &[Value]) -> Setting {
        let mut texts = Vec::new();
        for part in parts {
            match self.text(part) {
                Setting::Text(text) => texts.push(text),
                Setting::Absent => {}
                unknown @ Setting::Unknown(_) => return unknown,
            }
        }
        Setting::Text(texts.join(between))
    }

    /// Looks up a value in a mapping. An unknown key may be any key of the mapping.
    fn find_in_map(&self, parts: [&Value; 3]) -> Setting {
        let [map, keys @ ..] = parts;
        let Setting::Text(name) = self.text(map) else { return unknown("Fn::FindInMap") };
        let mut value = self.document.get("Mappings").and_then(|mappings| mappings.get(&name));
        for (order, key) in ["first", "second"].into_iter().zip(keys) {
            let Some(members) = value.and_then(Value::as_object) else { break };
            let key = match self.text(key) {
                Setting::Text(key) => key,
                _ => self.decision(format!("the {order} key in mapping `{name}`"), members.keys().cloned().collect()),
            };
            value = members.get(&key);
        }
        value.map_or_else(
            || Setting::Unknown(format!("depends on the mapping `{name}`, which has no such entry")),
            |value| self.text(value),
        )
    }

    /// Removes the conditions around a value; `None` for `AWS::NoValue`.
    fn without_conditions<'b>(&self, mut value: &'b Value) -> Result<Option<&'b Value>, String> {
        loop {
            match function(value) {
                Some(("Fn::If", Value::Array(parts))) => {
                    value = self.branch(parts).ok_or("depends on an `Fn::If` that does not have three parts")?;
                }
                Some(("Ref", name)) if name == "AWS::NoValue" => return Ok(None),
                _ => return Ok(Some(value)),
            }
        }
    }

    fn branch<'b>(&self, parts: &'b [Value]) -> Option<&'b Value> {
        let [Value::String(condition), yes, no] = parts else { return None };
        let decision = self.decision(format!("condition `{condition}`"), vec!["true".to_owned(), "false".to_owned()]);
        Some(if decision == "true" { yes } else { no })
    }

    /// Returns the value of a decision. If there is none, the case is split later, and the first option is used so far.
    fn decision(&self, what: String, options: Vec<String>) -> String {
        if let Some(decided) = self.decided.get(&what) {
            return decided.clone();
        }
        let first = options.first().cloned().unwrap_or_default();
        self.undecided.borrow_mut().get_or_insert((what, options));
        first
    }

    fn decide(&self, what: &str, option: String) -> Self {
        let mut decided = self.decided.clone();
        decided.insert(what.to_owned(), option);
        Self { document: self.document, decided, undecided: RefCell::default() }
    }

    fn words(&self) -> String {
        let decisions: Vec<_> = self.decided.iter().map(|(what, option)| format!("{what} is {option}")).collect();
        if decisions.is_empty() { String::new() } else { format!("where {}, ", decisions.join(" and ")) }
    }
}

fn unknown(function: &str) -> Setting {
    Setting::Unknown(format!("depends on `{function}`"))
}

/// Returns the intrinsic function that a value calls, with its argument.
fn function(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let (name, argument) = members.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(value: &Value) -> Option<Vec<(String, Setting)>> {
        let many: Vec<_> = (0..65).map(|number| format!("k{number}")).collect();
        let document = json!({
            "Parameters": {
                "Default": { "Type": "String", "Default": "d" }, "None": { "Type": "String" },
                "Some": { "Type": "String", "AllowedValues": ["a", "b"], "Default": "a" },
                "Many": { "Type": "String", "AllowedValues": many },
                "Ssm": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x" },
            },
            "Mappings": { "M": { "a": { "x": "ax", "y": "same" }, "b": { "x": "bx", "y": "same" } } },
        });
        each(&document, |case| case.text(value))
    }

    #[test]
    fn static_values_are_known_and_others_name_what_they_depend_on() {
        for (value, expected) in [
            (json!("x"), Ok("x")),
            (json!(3), Ok("3")),
            (json!({ "Ref": "Default" }), Ok("d")),
            (json!({ "Fn::Sub": "${Default}-${!Keep}-x" }), Ok("d-${Keep}-x")),
            (json!({ "Fn::Sub": ["${A}${Default}", { "A": { "Ref": "Default" } }] }), Ok("dd")),
            (json!({ "Fn::Join": ["::", ["a", { "Ref": "Default" }, { "Ref": "AWS::NoValue" }]] }), Ok("a::d")),
            (json!({ "Fn::FindInMap": ["M", "a", "x"] }), Ok("ax")),
            (json!({ "Fn::FindInMap": ["M", { "Ref": "AWS::Region" }, "y"] }), Ok("same")),
            (json!({ "Fn::If": ["C", "x", "x"] }), Ok("x")),
            (json!({ "Ref": "None" }), Err("depends on the parameter `None`, which has no default")),
            (json!({ "Ref": "Ssm" }), Err("depends on the SSM parameter `/x`")),
            (json!({ "Ref": "AWS::Region" }), Err("depends on `AWS::Region`")),
            (json!({ "Fn::Sub": "${A.Arn}" }), Err("depends on `A.Arn`")),
            (json!({ "Fn::Sub": "${A" }), Err("depends on `Fn::Sub`")),
            (json!({ "Fn::GetAtt": ["A", "Arn"] }), Err("depends on `Fn::GetAtt`")),
            (json!({ "Fn::FindInMap": ["M", "a", "z"] }), Err("depends on the mapping `M`, which has no such entry")),
            (json!("{{resolve:ssm:/x:1}}"), Err("depends on `{{resolve:ssm:/x:1}}`")),
            (json!([]), Err("is not a string")),
        ] {
            let expected = expected
                .map_or_else(|why: &str| Setting::Unknown(why.to_owned()), |text: &str| Setting::Text(text.to_owned()));
            assert_eq!(texts(&value), Some(vec![(String::new(), expected)]), "{value}");
        }
    }

    #[test]
    fn cases_that_make_a_difference_are_distinguished() {
        let results = |value: &Value| {
            let texts = texts(value).unwrap();
            texts.into_iter().map(|(when, text)| format!("{when}{}", text.text().unwrap_or("-"))).collect::<Vec<_>>()
        };
        assert_eq!(
            results(&json!({ "Fn::If": ["C", { "Ref": "Some" }, { "Ref": "AWS::NoValue" }] })),
            [
                "where condition `C` is true and parameter `Some` is a, a",
                "where condition `C` is true and parameter `Some` is b, b",
                "where condition `C` is false, -",
            ]
        );
        assert_eq!(
            results(&json!({ "Fn::Sub": ["${A}${B}", {
                "A": { "Fn::If": ["C", "1", "2"] }, "B": { "Fn::If": ["C", "1", "2"] },
            }] })),
            ["where condition `C` is true, 11", "where condition `C` is false, 22"],
            "a condition is the same everywhere"
        );
        assert_eq!(
            results(&json!({ "Fn::FindInMap": ["M", { "Ref": "None" }, "x"] })),
            ["where the first key in mapping `M` is a, ax", "where the first key in mapping `M` is b, bx"]
        );
        assert_eq!(texts(&json!({ "Ref": "Many" })), None, "too many");
    }
}
