//! `Request`: an HTTP request, which the stand-in hands out as an HTTP API of API Gateway does.

use std::fmt;

use serde_json::Value;

/// The size of the large bodies.
const LARGE: usize = 1 << 20;
/// An event with payload format 2.0, in which words in capitals stand for the parts that differ.
const EVENT: &str = concat!(
    r#"{"version":"2.0","routeKey":"$default","rawPath":"PATH","rawQueryString":"QUERY","#,
    r#""cookies":["session=0123456789abcdef"],"headers":{"accept":"application/json","#,
    r#""accept-encoding":"gzip, deflate, br","content-length":"LENGTH","content-type":"TYPE","#,
    r#""host":"abcdefghij.execute-api.eu-central-1.amazonaws.com","#,
    r#""user-agent":"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0","#,
    r#""x-amzn-trace-id":"Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700","x-forwarded-for":"203.0.113.7","#,
    r#""x-forwarded-port":"443","x-forwarded-proto":"https"},PARAMETERS"requestContext":"#,
    r#"{"accountId":"123456789012","apiId":"abcdefghij","#,
    r#""domainName":"abcdefghij.execute-api.eu-central-1.amazonaws.com","domainPrefix":"abcdefghij","#,
    r#""http":{"method":"METHOD","path":"PATH","protocol":"HTTP/1.1","sourceIp":"203.0.113.7","#,
    r#""userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"},"#,
    r#""requestId":"JKJaXmPLvHcESHA=","routeKey":"$default","stage":"$default","#,
    r#""time":"25/Nov/2026:22:09:48 +0000","timeEpoch":1795644588000},"body":BODY,"isBase64Encoded":BASE64}"#
);
const ORDER: &str = r#"{"customer":"Ada","article":"screws","amount":400}"#;

/// A request that the axum application of the benchmark answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// `GET /orders/{id}?page=3`, answered with JSON.
    Get,
    /// `POST /orders`, JSON in and out.
    Post,
    /// `POST /echo`, 1 MB of text in and out, without a character that JSON escapes.
    EchoText,
    /// The same with bytes that are no text, so that event and reply hold them in base64.
    EchoBinary,
    /// The same with JSON, of which a tenth is escaped in event and reply.
    EchoJson,
}

impl Request {
    /// All requests.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::EchoText, Self::EchoBinary, Self::EchoJson];

    /// Returns the event.
    pub(crate) fn event(self) -> Vec<u8> {
        let (method, path, query) = match self {
            Self::Get => ("GET", "/orders/7", "page=3"),
            Self::Post => ("POST", "/orders", ""),
            Self::EchoText | Self::EchoBinary | Self::EchoJson => ("POST", "/echo", ""),
        };
        let parameters = if query.is_empty() { "" } else { r#""queryStringParameters":{"page":"3"},"# };
        let parts = [
            ("PATH", path),
            ("QUERY", query),
            ("LENGTH", &self.length().to_string()),
            ("TYPE", self.content_type()),
            ("PARAMETERS", parameters),
            ("METHOD", method),
            ("BASE64", if self == Self::EchoBinary { "true" } else { "false" }),
            ("BODY", &self.body().to_string()),
        ];
        parts.iter().fold(EVENT.to_owned(), |event, (word, part)| event.replace(word, part)).into_bytes()
    }

    /// Returns whether a reply is the right one, so that no error is measured.
    pub(crate) fn is_answered_by(self, reply: &[u8]) -> bool {
        let Ok(reply) = serde_json::from_slice::<Value>(reply) else { return false };
        let has_status = |status: u16| reply["statusCode"] == status;
        match self {
            Self::Get => has_status(200) && reply["body"].as_str().is_some_and(|body| body.contains(r#""page":3"#)),
            Self::Post => has_status(201) && reply["body"].as_str().is_some_and(|body| body.contains("screws")),
            Self::EchoText | Self::EchoBinary | Self::EchoJson => has_status(200) && reply["body"] == self.body(),
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Get | Self::Post | Self::EchoJson => "application/json",
            Self::EchoText => "text/plain",
            Self::EchoBinary => "application/octet-stream",
        }
    }

    /// Returns the number of bytes that the client sent.
    fn length(self) -> usize {
        match self {
            Self::Get => 0,
            Self::Post => ORDER.len(),
            Self::EchoText | Self::EchoBinary | Self::EchoJson => LARGE,
        }
    }

    /// Returns the body as the event holds it.
    fn body(self) -> Value {
        match self {
            Self::Get => Value::Null,
            Self::Post => ORDER.into(),
            Self::EchoText => "x".repeat(LARGE).into(),
            // One byte more than a multiple of three; each third is no UTF-8.
            Self::EchoBinary => ("/wD/".repeat(LARGE / 3) + "/w==").into(),
            Self::EchoJson => "\"abcdefghi".repeat(LARGE / 10).into(),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::EchoText => "echo of 1 MB of text",
            Self::EchoBinary => "echo of 1 MB of binary",
            Self::EchoJson => "echo of 1 MB of JSON",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_json_of_the_usual_size() {
        for request in Request::ALL {
            let event = request.event();
            let json: Value = serde_json::from_slice(&event).unwrap();
            assert_eq!(json["version"], "2.0", "{request}");
            let size = match request {
                Request::Get | Request::Post => 1_000..1_300,
                Request::EchoText => LARGE..LARGE * 101 / 100,
                Request::EchoBinary => LARGE * 4 / 3..LARGE * 4 / 3 * 101 / 100,
                Request::EchoJson => LARGE * 109 / 100..LARGE * 111 / 100,
            };
            assert!(size.contains(&event.len()), "{request}: {}", event.len());
        }
    }

    #[test]
    fn a_wrong_reply_is_noticed() {
        let reply = |status, body: &str| serde_json::json!({ "statusCode": status, "body": body }).to_string();
        let right = r#"{"id":7,"page":3}"#;
        assert!(Request::Get.is_answered_by(reply(200, right).as_bytes()));
        assert!(!Request::Get.is_answered_by(reply(404, right).as_bytes()));
        assert!(!Request::Get.is_answered_by(reply(200, "").as_bytes()));
        assert!(!Request::EchoText.is_answered_by(reply(200, "x").as_bytes()));
    }
}
