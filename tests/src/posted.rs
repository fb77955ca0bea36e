//! `Posted`: a reply or an error report that a function posted.

use std::fmt;
use std::ops::Deref;

use serde_json::Value;

use crate::request::Request;

/// A POST of a function, with its body.
pub struct Posted(Request);

impl Posted {
    /// Returns the body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the body {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// Returns a text member of the body, such as `errorType`.
    #[must_use]
    pub fn text(&self, member: &str) -> String {
        let json = self.json();
        json[member].as_str().unwrap_or_else(|| panic!("no text `{member}` in {json}")).to_owned()
    }

    /// Returns the lines of `stackTrace`.
    #[must_use]
    pub fn stack_trace(&self) -> Vec<String> {
        let json = self.json();
        let lines = json["stackTrace"].as_array().unwrap_or_else(|| panic!("no stackTrace in {json}"));
        lines.iter().map(|line| line.as_str().expect("a frame is text").to_owned()).collect()
    }

    /// Accepts the body, as the service does.
    pub fn accept(&self) {
        self.respond(202, r#"{"status":"OK"}"#);
    }
}

impl From<Request> for Posted {
    fn from(request: Request) -> Self {
        assert_eq!(request.method, "POST", "{request:?}");
        Self(request)
    }
}

impl From<Posted> for Request {
    fn from(posted: Posted) -> Self {
        posted.0
    }
}

impl Deref for Posted {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.0
    }
}

impl fmt::Debug for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
