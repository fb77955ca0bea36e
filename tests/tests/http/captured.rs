//! Whole events with the traits of those that the live service was seen to send: an encoded path, a repeated and an
//! encoded parameter, a repeated header, two cookies, and all the members around them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use mayfly::testing::Via;
use serde_json::{Value, json};

use crate::echoed;

const BODY: &str = "{\"text\":\"caf\u{e9} \u{3bb}\"}";

/// What is the same in all events of API Gateway that have no authorizer: empty texts, nulls and zeros.
fn identity() -> Value {
    json!({
        "accessKey": "", "accountId": null, "caller": "", "cognitoIdentityId": null, "sourceIp": "203.0.113.9",
        "userAgent": "curl/8.7.1", "clientCert": { "subjectDN": "", "validity": { "notBefore": "" } },
    })
}

fn version_1(stage: &str, path: &str, path_in_context: &str) -> Value {
    json!({
        "resource": "/{proxy+}", "path": path, "httpMethod": "POST",
        "headers": { "Host": "id.execute-api.eu-west-1.amazonaws.com", "cookie": "a=1; b=2", "x-many": "two" },
        "multiValueHeaders": {
            "Host": ["id.execute-api.eu-west-1.amazonaws.com"], "cookie": ["a=1; b=2"], "x-many": ["one", "two"],
        },
        "queryStringParameters": { "empty": "", "plus": "a b", "encoded": "a+b", "to": "https://x/a", "k": "two" },
        "multiValueQueryStringParameters": {
            "empty": [""], "plus": ["a b"], "encoded": ["a+b"], "to": ["https://x/a"], "k": ["one", "two"],
        },
        "pathParameters": { "proxy": path.trim_start_matches('/') }, "stageVariables": null,
        "requestContext": {
            "accountId": "1", "apiId": "id", "authorizer": null, "connectionId": null, "connectedAt": 0,
            "domainName": "id.execute-api.eu-west-1.amazonaws.com", "eventType": null, "httpMethod": "POST",
            "identity": identity(), "path": path_in_context, "protocol": "HTTP/1.1", "requestTimeEpoch": 1,
            "resourcePath": "/{proxy+}", "routeKey": null, "stage": stage, "status": null,
        },
        "body": BODY, "isBase64Encoded": false,
    })
}

fn version_2(domain: &str, path: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path,
        "rawQueryString": "k=one&k=two&to=https%3A%2F%2Fx%2Fa&plus=a+b&encoded=a%2Bb&empty=",
        "cookies": ["a=1", "b=2"], "headers": { "host": domain, "x-many": "one,two" },
        "queryStringParameters": { "empty": "", "plus": "a b", "encoded": "a+b", "to": "https://x/a", "k": "one,two" },
        "pathParameters": null, "stageVariables": null,
        "requestContext": {
            "accountId": "anonymous", "apiId": "id", "authentication": null, "domainName": domain,
            "authorizer": { "jwt": { "claims": null, "scopes": null }, "iam": { "cognitoIdentity": { "amr": null } } },
            "http": { "method": "POST", "path": "/at/a b", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9" },
            "routeKey": "$default", "stage": "$default", "timeEpoch": 1,
        },
        "body": BODY, "isBase64Encoded": false,
    })
}

fn alb() -> Value {
    json!({
        "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1" } },
        "httpMethod": "POST", "path": "/at/a%20b", "queryStringParameters": null, "headers": null,
        "multiValueQueryStringParameters": {
            "empty": [""], "plus": ["a+b"], "encoded": ["a%2Bb"], "to": ["https%3A%2F%2Fx%2Fa"], "k": ["one", "two"],
        },
        "multiValueHeaders": {
            "cookie": ["a=1; b=2"], "host": ["t-1.eu-west-1.elb.amazonaws.com"], "x-many": ["one", "two"],
        },
        "body": BODY, "isBase64Encoded": false,
    })
}

#[test]
fn whole_events_of_the_live_service_are_the_request_that_was_sent() {
    const RAW: &str = "k=one&k=two&to=https%3A%2F%2Fx%2Fa&plus=a+b&encoded=a%2Bb&empty=";
    // Maps keep the values of a key in their order, and the keys in that of the event.
    const DECODED: &str = "empty=&encoded=a%2Bb&k=one&k=two&plus=a%20b&to=https%3A%2F%2Fx%2Fa";
    const OF_MAP: &str = "empty=&encoded=a%2Bb&k=one&k=two&plus=a+b&to=https%3A%2F%2Fx%2Fa";
    let mut url = version_2("id.lambda-url.eu-west-1.on.aws", "/at/a%20b");
    url["headers"]["cookie"] = "a=1; b=2".into();
    let mut format_1 = version_1("$default", "/at/a%20b", "/at/a b");
    format_1["version"] = "1.0".into();
    for (source, event, query) in [
        ("RestApi", version_1("live", "/at/a%20b", "/live/at/a%20b"), DECODED),
        ("RestApi", format_1, DECODED),
        ("HttpApi", version_2("id.execute-api.eu-west-1.amazonaws.com", "/at/a b"), RAW),
        ("FunctionUrl", url, RAW),
        ("Alb", alb(), OF_MAP),
    ] {
        let (status, request) = echoed(&event);
        assert_eq!(
            (status, &request["source"], &request["method"]),
            (200, &source.into(), &"POST".into()),
            "{request}"
        );
        assert_eq!(request["target"], format!("/at/a%20b?{query}"), "{source}");
        let headers = request["headers"].as_array().expect("there are headers");
        let values = |name: &str| {
            headers.iter().filter(|header| header[0] == name).map(|header| header[1].clone()).collect::<Vec<_>>()
        };
        let many = if query == RAW { &["one,two"][..] } else { &["one", "two"] };
        assert_eq!(values("x-many"), many, "{source}");
        assert_eq!(values("cookie"), ["a=1; b=2"], "{source}");
        assert_eq!(values("host").len(), 1, "{source}");
        assert_eq!(request["body"], BASE64_STANDARD.encode(BODY), "{source}");
    }
}

#[test]
fn a_test_sends_the_paths_and_cookies_that_the_live_service_sends() {
    let request = Request::get("/at/a%20b?k=one").header("cookie", "a=1; b=2").body(bytes::Bytes::new()).unwrap();
    for (via, path, in_header) in [(Via::HttpApi, "/at/a b", false), (Via::FunctionUrl, "/at/a%20b", true)] {
        let event = via.event(&request);
        assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&path.into(), &"k=one".into()), "{via:?}");
        assert_eq!(event["requestContext"]["http"]["path"], "/at/a b", "{via:?}");
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]), "{via:?}");
        assert_eq!(event["headers"].get("cookie"), in_header.then_some(&"a=1; b=2".into()), "{via:?}");
    }
    let event = Via::RestApi.event(&request);
    assert_eq!((&event["path"], &event["requestContext"]["path"]), (&"/at/a%20b".into(), &"/prod/at/a%20b".into()));
}
