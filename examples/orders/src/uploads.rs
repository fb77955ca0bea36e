//! Order files, which partners upload to a bucket.

use std::str::Utf8Error;

use aws_lambda_events::s3::{S3Event, S3EventRecord};
use percent_encoding::percent_decode_str;
use serde::Serialize;

/// An uploaded file to import.
#[derive(Debug, PartialEq, Serialize)]
pub struct Upload {
    /// The name of the bucket.
    pub bucket: String,
    /// The key, decoded as other calls of S3 expect it.
    pub key: String,
    /// The size in bytes.
    pub size: i64,
}

/// Selects the order files (`*.json`) among the uploads.
///
/// # Errors
/// Fails if a decoded key is not UTF-8.
#[mayfly::handler]
pub fn list(event: S3Event) -> Result<Vec<Upload>, Utf8Error> {
    let mut uploads = Vec::new();
    for record in event.records {
        let upload = upload(record)?;
        let is_order = upload.key.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"));
        if is_order && upload.size > 0 {
            uploads.push(upload);
        } else {
            log::info!(bucket = upload.bucket.as_str(), key = upload.key.as_str(); "not an order file");
        }
    }
    Ok(uploads)
}

fn upload(record: S3EventRecord) -> Result<Upload, Utf8Error> {
    Ok(Upload {
        bucket: record.s3.bucket.name.unwrap_or_default(),
        key: decoded(&record.s3.object.key.unwrap_or_default())?,
        size: record.s3.object.size.unwrap_or_default(),
    })
}

/// Decodes a key, which S3 encodes like a field of an HTML form: a space is `+`.
fn decoded(key: &str) -> Result<String, Utf8Error> {
    let spaced = key.replace('+', " ");
    Ok(percent_decode_str(&spaced).decode_utf8()?.into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Builds the event that S3 sends when files with these keys and sizes are put into a bucket.
    fn event(files: &[(&str, u64)]) -> S3Event {
        let record = |(key, size): &(&str, u64)| {
            json!({
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "eu-central-1",
                "eventTime": "2026-11-24T19:00:00.000Z",
                "eventName": "ObjectCreated:Put",
                "userIdentity": { "principalId": "AWS:AIDAEXAMPLE" },
                "requestParameters": { "sourceIPAddress": "192.0.2.1" },
                "responseElements": { "x-amz-request-id": "C3D13FE58DE4C810" },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "orders",
                    "bucket": {
                        "name": "shop-uploads",
                        "ownerIdentity": { "principalId": "A3EXAMPLE" },
                        "arn": "arn:aws:s3:::shop-uploads"
                    },
                    "object": { "key": key, "size": size, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0A" }
                }
            })
        };
        let records: Vec<Value> = files.iter().map(record).collect();
        serde_json::from_value(json!({ "Records": records })).unwrap()
    }

    #[test]
    fn order_files_are_selected() {
        let event = event(&[("november/new+orders+%C3%A9t%C3%A9.JSON", 99), ("logo.png", 9), ("empty.json", 0)]);
        let uploads = list(event).unwrap();
        let key = "november/new orders été.JSON".to_owned();
        assert_eq!(uploads, [Upload { bucket: "shop-uploads".to_owned(), key, size: 99 }]);
    }

    #[test]
    fn a_key_that_is_not_utf_8_is_an_error() {
        assert!(list(event(&[("%FF.json", 1)])).is_err());
    }
}
