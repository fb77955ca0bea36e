//! [`Page`]: a response of the server's own, as HTML for a browser and as text for other clients.

use std::fmt::Write;

use bytes::Bytes;
use hyper::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

/// A response that no function gave.
#[derive(Debug)]
pub(crate) struct Page {
    status: StatusCode,
    heading: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Sentence(String),
    Lines(Vec<String>),
    /// A path of this server, and the name of what is there.
    Link(String, String),
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;\
                     color-scheme:light dark}pre{overflow:auto}p{overflow-wrap:anywhere}";

impl Page {
    /// Creates a page with a heading.
    pub(crate) fn new(status: StatusCode, heading: impl Into<String>) -> Self {
        Self { status, heading: heading.into(), parts: Vec::new() }
    }

    /// Adds a sentence.
    pub(crate) fn sentence(mut self, sentence: impl Into<String>) -> Self {
        self.parts.push(Part::Sentence(sentence.into()));
        self
    }

    /// Adds lines that keep their white space.
    pub(crate) fn lines(mut self, lines: Vec<String>) -> Self {
        self.parts.push(Part::Lines(lines));
        self
    }

    /// Adds a link to a path of this server.
    pub(crate) fn link(mut self, path: impl Into<String>, name: impl Into<String>) -> Self {
        self.parts.push(Part::Link(path.into(), name.into()));
        self
    }

    /// Makes the response, as HTML if the request's headers ask for it.
    pub(crate) fn into_response(self, headers: &HeaderMap) -> Response<Bytes> {
        let accepts_html = |accept: &HeaderValue| accept.to_str().is_ok_and(|accept| accept.contains("text/html"));
        let is_html = headers.get_all(ACCEPT).iter().any(accepts_html);
        let (kind, body) = if is_html {
            ("text/html; charset=utf-8", self.html())
        } else {
            ("text/plain; charset=utf-8", self.text())
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status;
        for (name, value) in [
            (CONTENT_TYPE, kind),
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }

    /// Returns the heading with the status of an error in front.
    fn title(&self) -> String {
        if self.status.is_success() { self.heading.clone() } else { format!("{}: {}", self.status, self.heading) }
    }

    fn text(&self) -> String {
        let mut text = self.title() + "\n";
        for part in &self.parts {
            let _ = match part {
                Part::Sentence(sentence) => writeln!(text, "{sentence}"),
                Part::Lines(lines) => lines.iter().try_for_each(|line| writeln!(text, "    {line}")),
                Part::Link(path, name) => writeln!(text, "  {path}  {name}"),
            };
        }
        text
    }

    fn html(&self) -> String {
        let title = escaped(&self.title());
        let mut html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n"
        );
        for part in &self.parts {
            let _ = match part {
                Part::Sentence(sentence) => writeln!(html, "<p>{}</p>", escaped(sentence)),
                Part::Lines(lines) => writeln!(html, "<pre>{}</pre>", escaped(&lines.join("\n"))),
                Part::Link(path, name) => {
                    writeln!(html, "<p><a href=\"{}\">{}</a></p>", escaped(path), escaped(name))
                }
            };
        }
        html + "</body></html>\n"
    }
}

/// Escapes the characters that HTML gives a meaning.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;

    use super::*;

    #[test]
    fn a_browser_gets_html_and_any_other_client_text() {
        let page = || {
            let page = Page::new(StatusCode::BAD_GATEWAY, "a<b> failed").sentence("E: \"x\" & y");
            page.lines(vec!["one".to_owned(), "<two>".to_owned()]).link("/a/", "a")
        };
        let mut browser = HeaderMap::new();
        browser.insert(ACCEPT, HeaderValue::from_static("text/html,*/*"));
        let html = page().into_response(&browser);
        assert_eq!(
            (html.status(), &html.headers()[CONTENT_TYPE]),
            (StatusCode::BAD_GATEWAY, &HeaderValue::from_static("text/html; charset=utf-8"))
        );
        let html = String::from_utf8(html.into_body().to_vec()).expect("it is text");
        for part in [
            "<h1>502 Bad Gateway: a&lt;b&gt; failed</h1>",
            "<p>E: &quot;x&quot; &amp; y</p>",
            "<pre>one\n&lt;two&gt;</pre>",
            "<a href=\"/a/\">a</a>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let text: Bytes = page().into_response(&HeaderMap::new()).into_body();
        assert_eq!(text, "502 Bad Gateway: a<b> failed\nE: \"x\" & y\n    one\n    <two>\n  /a/  a\n");
    }
}
