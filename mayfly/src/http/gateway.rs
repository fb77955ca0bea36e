//! The other side of each source, for tests: events from requests, and responses from replies.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http::{Request, Response, StatusCode, Uri};
use serde_json::{Map, Value, json};

use super::query::{all_pairs, decoded, or_null, pairs, single_pairs};

/// A source that a test sends a request through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Via {
    /// An HTTP API of API Gateway with payload format 2.0.
    #[default]
    HttpApi,
    /// A REST API of API Gateway.
    RestApi,
    /// A function URL.
    FunctionUrl,
    /// An Application Load Balancer.
    Alb,
    /// An Application Load Balancer with `lambda.multi_value_headers.enabled`.
    AlbMultiValue,
    /// A VPC Lattice service.
    Lattice,
    /// A WebSocket API of API Gateway. The path of a request is its route key: `/$connect`, `/$disconnect`, `/$default`,
    /// or one of your own.
    WebSocket,
}

impl Via {
    /// All of them but the WebSocket API, which carries no method and no path.
    pub const ALL: [Self; 6] =
        [Self::HttpApi, Self::RestApi, Self::FunctionUrl, Self::Alb, Self::AlbMultiValue, Self::Lattice];

    /// Makes the event that the source would send for a request.
    #[must_use]
    pub fn event(self, request: &Request<Bytes>) -> Value {
        let (uri, method) = (request.uri(), request.method().as_str());
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        let mut headers = request.headers().clone();
        if !headers.contains_key(HOST) {
            let host = uri.host().unwrap_or("example.com");
            headers.insert(HOST, HeaderValue::from_str(host).unwrap_or(HeaderValue::from_static("example.com")));
        }
        let (body, is_base64) = body(request.body());
        let mut event = match self {
            Self::HttpApi => version_2(uri, method, &headers, "api.execute-api.eu-west-1.amazonaws.com"),
            Self::FunctionUrl => {
                let mut event = version_2(uri, method, &headers, "id.lambda-url.eu-west-1.on.aws");
                // The path is not decoded, and the cookies are in both places.
                event["rawPath"] = path.into();
                if let Some(cookies) = event.get("cookies").and_then(Value::as_array) {
                    let cookies: Vec<_> = cookies.iter().filter_map(Value::as_str).collect();
                    event["headers"][COOKIE.as_str()] = cookies.join("; ").into();
                }
                event
            }
            Self::RestApi => json!({
                "resource": "/{proxy+}",
                "path": path,
                "httpMethod": method,
                "headers": single(&headers, false),
                "multiValueHeaders": all(&headers),
                "queryStringParameters": or_null(single_pairs(&pairs(query, true))),
                "multiValueQueryStringParameters": or_null(all_pairs(&pairs(query, true))),
                "pathParameters": { "proxy": path.trim_start_matches('/') },
                "stageVariables": null,
                "requestContext": {
                    "stage": "prod", "path": format!("/prod{path}"), "httpMethod": method, "protocol": "HTTP/1.1",
                    "identity": { "sourceIp": "127.0.0.1" }, "resourcePath": "/{proxy+}",
                },
            }),
            Self::Alb => json!({
                "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1" } },
                "httpMethod": method,
                "path": path,
                "queryStringParameters": single_pairs(&pairs(query, false)),
                "headers": single(&headers, false),
            }),
            Self::AlbMultiValue => json!({
                "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1" } },
                "httpMethod": method,
                "path": path,
                "multiValueQueryStringParameters": all_pairs(&pairs(query, false)),
                "multiValueHeaders": all(&headers),
            }),
            Self::Lattice => json!({
                "version": "2.0",
                "method": method,
                "path": path,
                "headers": all(&headers),
                "queryStringParameters": all_pairs(&pairs(query, false)),
                "requestContext": {
                    "serviceArn": "arn:aws:vpc-lattice:eu-west-1:1:service/svc-1",
                    "serviceNetworkArn": "arn:aws:vpc-lattice:eu-west-1:1:servicenetwork/sn-1",
                },
            }),
            Self::WebSocket => {
                let route_key = path.trim_start_matches('/');
                let event_type = match route_key {
                    "$connect" => "CONNECT",
                    "$disconnect" => "DISCONNECT",
                    _ => "MESSAGE",
                };
                json!({
                    "headers": single(&headers, false),
                    "multiValueHeaders": all(&headers),
                    "multiValueQueryStringParameters": or_null(all_pairs(&pairs(query, true))),
                    "requestContext": {
                        "routeKey": route_key, "eventType": event_type, "connectionId": "test=", "stage": "prod",
                        "domainName": "id.execute-api.eu-west-1.amazonaws.com", "apiId": "id",
                    },
                })
            }
        };
        event["body"] = body;
        event["isBase64Encoded"] = is_base64.into();
        event
    }

    /// Lists the members of a reply that the source knows.
    fn reply_members(self) -> &'static [&'static str] {
        match self {
            Self::HttpApi | Self::FunctionUrl => &["statusCode", "headers", "cookies", "body", "isBase64Encoded"],
            Self::RestApi => &["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"],
            Self::Alb => &["statusCode", "statusDescription", "headers", "body", "isBase64Encoded"],
            Self::AlbMultiValue => &["statusCode", "statusDescription", "multiValueHeaders", "body", "isBase64Encoded"],
            Self::Lattice | Self::WebSocket => &["statusCode", "headers", "body", "isBase64Encoded"],
        }
    }

    /// Reads the response from a reply, as the source does.
    ///
    /// # Errors
    /// The reason why the source would answer 502 in place of the response.
    pub fn response(self, reply: &[u8]) -> Result<Response<Bytes>, String> {
        let reply: Value = serde_json::from_slice(reply).map_err(|error| format!("the reply is not JSON: {error}"))?;
        let members = reply.as_object().ok_or("the reply is not an object")?;
        if let Some(name) = members.keys().find(|name| !self.reply_members().contains(&name.as_str())) {
            return Err(format!("the source knows no member `{name}` of a reply"));
        }
        let text = reply["body"].as_str().unwrap_or_default();
        let body = if reply["isBase64Encoded"] == true {
            BASE64_STANDARD.decode(text).map_err(|error| format!("the body is not base64: {error}"))?.into()
        } else {
            Bytes::from(text.to_owned())
        };
        let mut response = Response::new(body);
        let status = reply["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        *response.status_mut() = status.ok_or("the reply has no statusCode between 100 and 999")?;
        let headers = response.headers_mut();
        for (name, value) in reply["headers"].as_object().into_iter().flatten() {
            append(headers, name, value)?;
        }
        for (name, values) in reply["multiValueHeaders"].as_object().into_iter().flatten() {
            for value in values.as_array().into_iter().flatten() {
                append(headers, name, value)?;
            }
        }
        for cookie in reply["cookies"].as_array().into_iter().flatten() {
            append(headers, SET_COOKIE.as_str(), cookie)?;
        }
        Ok(response)
    }
}

fn append(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), String> {
    let text = value.as_str().ok_or_else(|| format!("the header `{name}` is not text"))?;
    let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(text).ok());
    let (name, value) = header.ok_or_else(|| format!("the header `{name}` is not one that HTTP allows"))?;
    headers.try_append(name, value).map_err(|_| "the reply has too many headers".to_owned())?;
    Ok(())
}

/// The body of an event, and whether it is in base64.
fn body(bytes: &Bytes) -> (Value, bool) {
    match std::str::from_utf8(bytes) {
        Ok("") => (Value::Null, false),
        Ok(text) => (text.into(), false),
        Err(_) => (BASE64_STANDARD.encode(bytes).into(), true),
    }
}

/// An event of the payload format 2.0.
fn version_2(uri: &Uri, method: &str, headers: &HeaderMap, domain: &str) -> Value {
    let path = decoded(uri.path());
    let cookies: Vec<_> = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|line| text(line).split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": uri.query().unwrap_or_default(),
        "headers": single(headers, true),
        "requestContext": {
            "accountId": "1", "apiId": "id", "domainName": domain, "domainPrefix": "id",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test",
            },
            "requestId": "id", "routeKey": "$default", "stage": "$default",
        },
    });
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    event
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// One value a header: all joined, or the last one.
fn single(headers: &HeaderMap, joined: bool) -> Value {
    let one = |name: &HeaderName| {
        let values: Vec<_> = headers.get_all(name).iter().map(text).collect();
        if joined { values.join(",") } else { values.last().cloned().unwrap_or_default() }
    };
    let names = headers.keys().filter(|&name| !joined || name != COOKIE);
    names.map(|name| (name.to_string(), Value::from(one(name)))).collect::<Map<_, _>>().into()
}

fn all(headers: &HeaderMap) -> Value {
    let values = |name| headers.get_all(name).iter().map(text).collect::<Vec<_>>();
    headers.keys().map(|name| (name.to_string(), Value::from(values(name)))).collect::<Map<_, _>>().into()
}
