//! `Document`: a line in the embedded metric format, which must keep the rules of its specification.
//!
//! The rules are those of the page "Specification: Embedded metric format" in the user guide of `CloudWatch`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The largest line, in bytes.
const LARGEST: usize = 256 << 10;
const UNITS: &str = "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits \
                     Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second \
                     Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second \
                     Terabits/Second Count/Second None";

/// A valid document.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    #[serde(rename = "_aws")]
    aws: Metadata,
    /// The members that the directives refer to, and the properties.
    #[serde(flatten)]
    members: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Metadata {
    /// The time in milliseconds.
    #[serde(rename = "Timestamp")]
    _timestamp: u64,
    cloud_watch_metrics: Vec<Directive>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Directive {
    namespace: String,
    dimensions: Vec<Vec<String>>,
    metrics: Vec<Definition>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Definition {
    name: String,
    unit: Option<String>,
    storage_resolution: Option<u8>,
}

impl Document {
    /// Reads a line, and names the rule that it breaks.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
        if line.len() > LARGEST {
            return Err(format!("{} bytes", line.len()));
        }
        let document: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        for Directive { namespace, dimensions, metrics } in &document.aws.cloud_watch_metrics {
            named("namespace", namespace)?;
            within("dimension sets", dimensions.len(), 1..=usize::MAX)?;
            for set in dimensions {
                within("dimensions", set.len(), 0..=30)?;
                set.iter().try_for_each(|dimension| document.dimension(dimension))?;
            }
            within("metrics", metrics.len(), 0..=100)?;
            metrics.iter().try_for_each(|metric| document.metric(metric))?;
        }
        Ok(document)
    }

    fn dimension(&self, name: &str) -> Result<(), String> {
        named("dimension", name)?;
        let value = self.members.get(name).and_then(Value::as_str);
        within(name, value.ok_or_else(|| format!("{name}: no text"))?.chars().count(), 1..=1024)
    }

    fn metric(&self, metric: &Definition) -> Result<(), String> {
        let Definition { name, unit, storage_resolution } = metric;
        named("metric", name)?;
        if unit.as_deref().is_some_and(|unit| !UNITS.split(' ').any(|known| known == unit)) {
            return Err(format!("{name}: unit {unit:?}"));
        }
        if storage_resolution.is_some_and(|seconds| ![1, 60].contains(&seconds)) {
            return Err(format!("{name}: resolution {storage_resolution:?}"));
        }
        within(name, self.values(name).ok_or_else(|| format!("{name}: no number"))?.len(), 1..=100)
    }

    /// Returns the values of a member that holds a number or numbers.
    pub(crate) fn values(&self, name: &str) -> Option<Vec<f64>> {
        match self.members.get(name)? {
            Value::Array(values) => values.iter().map(Value::as_f64).collect(),
            value => value.as_f64().map(|value| vec![value]),
        }
    }

    /// Returns the value and the unit of a metric that has one value.
    pub(crate) fn single(&self, name: &str) -> Option<(f64, Option<&str>)> {
        let metrics = self.aws.cloud_watch_metrics.iter().flat_map(|directive| &directive.metrics);
        let metric = metrics.into_iter().find(|metric| metric.name == name)?;
        match self.values(name)?[..] {
            [value] => Some((value, metric.unit.as_deref())),
            _ => None,
        }
    }

    /// Returns a property or the value of a dimension.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }
}

fn named(kind: &str, name: &str) -> Result<(), String> {
    within(kind, name.chars().count(), 1..=255)
}

fn within(kind: &str, count: usize, range: std::ops::RangeInclusive<usize>) -> Result<(), String> {
    if range.contains(&count) { Ok(()) } else { Err(format!("{kind}: {count}")) }
}

#[test]
fn each_rule_is_checked() {
    // The example of the specification.
    let example = json!({
        "_aws": {
            "Timestamp": 1_574_109_732_004_u64,
            "CloudWatchMetrics": [{
                "Namespace": "lambda-function-metrics",
                "Dimensions": [["functionVersion"]],
                "Metrics": [{ "Name": "time", "Unit": "Milliseconds", "StorageResolution": 60 }],
            }],
        },
        "functionVersion": "$LATEST",
        "time": 100,
        "requestId": "989ffbf8-9ace-4817-a57c-e4dd734019ee",
    });
    assert!(Document::read(&example.to_string()).is_ok());
    let directive = "/_aws/CloudWatchMetrics/0";
    for (place, value) in [
        ("/_aws", json!(null)),
        ("/_aws/Timestamp", json!("now")),
        ("/_aws/Timestamp", json!(1.5)),
        ("/_aws/CloudWatchMetrics", json!({})),
        (directive, json!({ "Namespace": "x", "Dimensions": [[]] })),
        (directive, json!({ "Namespace": "x", "Dimensions": [[]], "Metrics": [], "Unit": "None" })),
        (&format!("{directive}/Namespace"), json!("")),
        (&format!("{directive}/Dimensions"), json!([])),
        (&format!("{directive}/Dimensions/0"), json!(["absent"])),
        (&format!("{directive}/Dimensions/0"), json!(vec!["functionVersion"; 31])),
        (&format!("{directive}/Metrics/0/Name"), json!("absent")),
        (&format!("{directive}/Metrics/0/Name"), json!("")),
        (&format!("{directive}/Metrics/0/Unit"), json!("Nanoseconds")),
        (&format!("{directive}/Metrics/0/StorageResolution"), json!(30)),
        (&format!("{directive}/Metrics"), json!(vec![json!({ "Name": "time" }); 101])),
        ("/functionVersion", json!(7)),
        ("/functionVersion", json!("")),
        ("/time", json!("100")),
        ("/time", json!([100, "200"])),
        ("/time", json!(vec![1; 101])),
        ("/requestId", json!("x".repeat(LARGEST))),
    ] {
        let mut broken = example.clone();
        *broken.pointer_mut(place).expect("the example has this member") = value.clone();
        assert!(Document::read(&broken.to_string()).is_err(), "{place} = {value}");
    }
    assert!(Document::read(&format!("INFO {example}")).is_err());
}
