//! The service as its callers see it, through real events of every source.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use http::request::Builder;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use mayfly::State;
use mayfly::testing::{self, Failure, Via};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::db::Db;
use crate::{Api, api};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff";

/// A user who is signed in, and whose requests come through one source.
struct Browser {
    via: Via,
    cookie: String,
}

impl Browser {
    /// Signs a new user in.
    fn new(via: Via) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("user {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let response = Self { via, cookie: String::new() }.json(Method::POST, "/session", &json!({ "name": name }));
        assert_eq!(response.status(), StatusCode::NO_CONTENT, "{via:?}");
        let cookie = text(response.headers(), SET_COOKIE);
        let (pair, attributes) = cookie.split_once("; ").expect("a cookie has attributes");
        assert_eq!(attributes, "Max-Age=28800; Path=/; HttpOnly; Secure; SameSite=Lax");
        Self { via, cookie: pair.to_owned() }
    }

    fn send(&self, request: Builder, body: impl Into<Bytes>) -> Response<Bytes> {
        let request = if self.cookie.is_empty() { request } else { request.header(COOKIE, &self.cookie) };
        let request = request.body(body).expect("this is a request");
        testing::request("http_api::api", request).via(self.via).run().expect("the invocation succeeds")
    }

    fn get(&self, target: &str) -> Response<Bytes> {
        self.send(Request::get(target), "")
    }

    fn json(&self, method: Method, path: &str, body: &Value) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        self.send(request, body.to_string())
    }

    fn write(&self, title: &str, text: &str) -> Response<Bytes> {
        self.json(Method::POST, "/notes", &json!({ "title": title, "text": text }))
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers.get(name).map(|value| value.to_str().expect("it is text").to_owned()).unwrap_or_default()
}

fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{error}: {response:?}"))
}

#[test]
fn a_note_is_written_read_found_and_deleted() {
    for via in Via::ALL {
        let browser = Browser::new(via);
        let response = browser.write("größe & co.", "a text");
        assert_eq!(response.status(), StatusCode::CREATED, "{via:?}");
        let address = text(response.headers(), LOCATION);
        assert_eq!(address, format!("/notes/{}", json_of(&response)["id"]));

        let note = json_of(&browser.get(&address));
        assert_eq!((&note["title"], &note["text"]), (&"größe & co.".into(), &"a text".into()), "{via:?}");
        for (query, found) in [("", 1), ("?search=gr%C3%B6%C3%9Fe%20%26", 1), ("?search=cup", 0), ("?page=1", 0)] {
            let notes = json_of(&browser.get(&format!("/notes{query}")));
            assert_eq!(notes.as_array().map(Vec::len), Some(found), "{via:?} {query}");
        }

        assert_eq!(Browser::new(via).get(&address).status(), StatusCode::NOT_FOUND, "the note of somebody else");
        assert_eq!(browser.send(Request::delete(&address), "").status(), StatusCode::NO_CONTENT, "{via:?}");
        assert_eq!(browser.get(&address).status(), StatusCode::NOT_FOUND, "{via:?}");
    }
}

#[test]
fn a_mistake_in_the_input_is_answered_with_its_field_and_reason() {
    let browser = Browser::new(Via::default());
    let long = "x".repeat(101);
    for (input, mistakes) in [
        (json!({ "title": " ", "text": "" }), json!([{ "field": "title", "reason": "must not be empty" }])),
        (
            json!({ "title": long, "text": "" }),
            json!([{ "field": "title", "reason": "must have at most 100 characters, and has 101" }]),
        ),
        (
            json!({ "title": 7, "text": "" }),
            json!([{ "field": "title", "reason": "invalid type: integer `7`, expected a string at line 1 column 20" }]),
        ),
    ] {
        let response = browser.json(Method::POST, "/notes", &input);
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{input}");
        assert_eq!(json_of(&response), json!({ "error": "the input is not valid", "mistakes": mistakes }));
    }
    for (content_type, body, status) in
        [("application/json", "{", StatusCode::BAD_REQUEST), ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
    {
        let response = browser.send(Request::post("/notes").header(CONTENT_TYPE, content_type), body);
        assert_eq!(response.status(), status, "{body}");
        assert!(json_of(&response)["error"].is_string());
    }
    assert_eq!(browser.get("/notes?page=first").status(), StatusCode::BAD_REQUEST);
}

#[test]
fn a_title_is_used_once() {
    let browser = Browser::new(Via::default());
    assert_eq!(browser.write("tea", "").status(), StatusCode::CREATED);
    let response = browser.write("tea", "");
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert_eq!(json_of(&response), json!({ "error": "there is a note with the title `tea`" }));
    assert_eq!(Browser::new(Via::default()).write("tea", "").status(), StatusCode::CREATED, "somebody else's");
}

#[test]
fn a_picture_leaves_as_the_bytes_that_were_uploaded() {
    for via in Via::ALL {
        let browser = Browser::new(via);
        let address = text(browser.write("with a picture", "").headers(), LOCATION) + "/picture";
        assert_eq!(browser.get(&address).status(), StatusCode::NOT_FOUND);
        assert_eq!(browser.send(Request::put(&address), PNG).status(), StatusCode::NO_CONTENT, "{via:?}");
        let response = browser.get(&address);
        assert_eq!(text(response.headers(), CONTENT_TYPE), "image/png");
        assert_eq!(response.body(), PNG, "{via:?}");
        let response = browser.send(Request::put(&address), "GIF89a");
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{via:?}");
    }
    let browser = Browser::new(Via::default());
    let large = [PNG, &vec![0xff; 4 << 20]].concat();
    assert_eq!(browser.send(Request::put("/notes/1/picture"), large).status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn the_files_of_a_form_become_notes() {
    let form = |files: &[(&str, &str)]| {
        let part = |(name, text): &(&str, &str)| {
            format!("--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n")
        };
        files.iter().map(part).collect::<String>() + "--border--\r\n"
    };
    let request = || Request::post("/notes/import").header(CONTENT_TYPE, "multipart/form-data; boundary=border");
    for via in Via::ALL {
        let browser = Browser::new(via);
        browser.write("old.txt", "");
        let response = browser.send(request(), form(&[("old.txt", "a"), ("new.txt", "b\r\nc"), ("one.txt", "")]));
        assert_eq!(response.status(), StatusCode::CREATED, "{via:?}");
        let answer = json_of(&response);
        assert_eq!(answer["titles that exist"], json!(["old.txt"]));
        assert_eq!(json_of(&browser.get(&format!("/notes/{}", answer["written"][0])))["text"], "b\r\nc", "{via:?}");
    }
    let browser = Browser::new(Via::default());
    let response = browser.send(request(), form(&[("good.txt", ""), ("long.txt", &"x".repeat(10_001))]));
    assert_eq!(json_of(&response)["mistakes"][0]["field"], "long.txt.text");
    assert_eq!(json_of(&browser.get("/notes")), json!([]), "nothing is written");
    assert_eq!(browser.send(request(), "no form").status(), StatusCode::BAD_REQUEST);
}

#[test]
fn a_session_ends_when_its_user_signs_out() {
    for via in Via::ALL {
        let mut browser = Browser::new(via);
        browser.cookie = format!("theme=dark; {}; lang=de", browser.cookie);
        assert_eq!(browser.get("/notes").status(), StatusCode::OK, "{via:?}");
        let response = browser.send(Request::delete("/session"), "");
        assert!(text(response.headers(), SET_COOKIE).starts_with("session=; Max-Age=0; "), "{via:?}");
        assert_eq!(browser.get("/notes").status(), StatusCode::UNAUTHORIZED, "{via:?}");
    }
    for cookie in ["", "session=", "session=00000000000000000000000000000000"] {
        let stranger = Browser { via: Via::default(), cookie: cookie.to_owned() };
        assert_eq!(stranger.get("/notes").status(), StatusCode::UNAUTHORIZED, "{cookie}");
    }
}

#[test]
fn a_long_answer_is_compressed_for_a_browser_that_asks_for_it() {
    for via in Via::ALL {
        let browser = Browser::new(via);
        browser.write("long", &"word ".repeat(1000));
        let plain = browser.get("/notes");
        let response = browser.send(Request::get("/notes").header(ACCEPT_ENCODING, "gzip"), "");
        assert_eq!(text(response.headers(), CONTENT_ENCODING), "gzip", "{via:?}");
        let mut unpacked = Vec::new();
        GzDecoder::new(&response.body()[..]).read_to_end(&mut unpacked).expect("it is gzip");
        assert_eq!(unpacked, plain.body()[..], "{via:?}");
        assert!(response.body().len() * 10 < unpacked.len());
    }
}

#[test]
fn only_the_site_of_the_service_may_call_it_from_a_browser() {
    for via in Via::ALL {
        let preflight = Request::options("/notes")
            .header(ORIGIN, "https://notes.example.com")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let response = Browser { via, cookie: String::new() }.send(preflight, "");
        assert_eq!(response.status(), StatusCode::OK, "{via:?}");
        assert_eq!(text(response.headers(), header::ACCESS_CONTROL_ALLOW_ORIGIN), "https://notes.example.com");
        assert_eq!(text(response.headers(), header::ACCESS_CONTROL_ALLOW_CREDENTIALS), "true");
        assert!(text(response.headers(), header::ACCESS_CONTROL_ALLOW_METHODS).contains("POST"));
    }
}

#[test]
fn an_address_without_a_route_is_answered_in_json() {
    for via in Via::ALL {
        let response = Browser::new(via).get("/nowhere");
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(json_of(&response), json!({ "error": "there is nothing at this address" }));
    }
}

/// The service with a database that has no tables.
#[mayfly::service(name = "broken")]
fn broken() -> Api {
    api(State::new(Db::of(Connection::open_in_memory().expect("SQLite works"))))
}

#[test]
fn a_failing_database_fails_the_invocation_with_the_line_that_asked_it() {
    for via in Via::ALL {
        let request = Request::get("/notes").header(COOKIE, "session=x").body("").expect("this is a request");
        let failure: Failure = testing::request("broken", request).via(via).run().expect_err("there are no tables");
        assert!(failure.error_type().starts_with("rusqlite::"), "{failure}");
        assert!(failure.message().contains("no such table: sessions"), "{failure}");
        assert!(failure.stack_trace()[0].contains("src/session.rs:"), "{failure:?}");
    }
}

#[test]
fn the_registry_has_no_mistakes() {
    testing::check().expect("every state has its init");
}
