//! The view of an around function: the invocation that it sees, and the outcome that it makes.

use std::sync::Mutex;

use mayfly::around::Reply;
use mayfly::testing::invoke;
use mayfly::{Context, Error, FromInvocation, Invocation, Needs, Next, State};
use serde_json::{Value, json};

/// The store of replies that a function replays, as an idempotent one does.
struct Replies(Mutex<Vec<(String, Vec<u8>)>>);

#[mayfly::init]
fn replies() -> Replies {
    Replies(Mutex::new(vec![("known".to_owned(), b"\"stored\"".to_vec())]))
}

struct Tenant(String);

impl FromInvocation for Tenant {
    fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error> {
        let tenant = Context::from_invocation(invocation)?.tenant_id;
        tenant.map(Tenant).ok_or_else(|| Error::new("NoTenant", "the invocation names no tenant"))
    }

    fn needs(_: &mut Needs) {}
}

#[mayfly::handler(name = "seen::shout")]
fn shout(text: String) -> Result<String, Error> {
    if text.is_empty() { Err(Error::new("Empty", "there is nothing to shout")) } else { Ok(text.to_uppercase()) }
}

#[mayfly::around]
fn replayed(invocation: &Invocation<'_>, next: Next<'_>, replies: State<Replies>) -> Result<Reply, Error> {
    let key: String = serde_json::from_slice(invocation.payload())?;
    if let Some((_, stored)) = replies.0.0.lock().unwrap().iter().find(|(known, _)| *known == key) {
        return Ok(Reply::from_bytes(stored.clone()));
    }
    let reply = next.run_blocking()?;
    if let Some(bytes) = reply.bytes() {
        replies.0.0.lock().unwrap().push((key, bytes.to_vec()));
    }
    Ok(reply)
}

/// Wraps the reply.
#[mayfly::around]
async fn wrapped(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let reply = next.run().await?;
    Reply::new(json!({ "reply": serde_json::from_slice::<Value>(reply.bytes().unwrap_or_default())? }))
}

#[test]
fn a_function_replies_from_a_state_or_by_the_handler() {
    for (text, reply) in [("known", "stored"), ("new", "NEW")] {
        let outcome = invoke("seen::shout").event(text).around(mayfly::arounds![wrapped, replayed]).run().unwrap();
        assert_eq!(outcome.json::<Value>(), json!({ "reply": reply }));
    }
}

#[mayfly::around]
fn refused(_: &Invocation<'_>, _: Next<'_>, Tenant(tenant): Tenant) -> Result<Reply, String> {
    Err(format!("{tenant} may not call"))
}

#[test]
fn a_function_that_does_not_run_the_rest_short_circuits_and_its_error_has_its_place() {
    let invoke = || invoke("seen::shout").event("hi").around(mayfly::arounds![refused]);
    let failure = invoke().tenant_id("acme").run().unwrap_err();
    assert_eq!((failure.error_type().as_str(), failure.message().as_str()), ("RuntimeError", "acme may not call"));
    let trace = failure.stack_trace();
    assert!(trace.len() == 1 && trace[0].contains("around::seen::refused (tests/tests/around/seen.rs:"), "{trace:?}");
    let failure = invoke().run().unwrap_err();
    assert_eq!(failure.error_type(), "NoTenant");
    assert!(failure.stack_trace().last().unwrap().contains("around::seen::refused"), "{failure:?}");
}

/// Keeps the error that it sees, as it is written.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[mayfly::around]
async fn watching(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let outcome = next.run().await;
    SEEN.lock().unwrap().push(match &outcome {
        Ok(reply) => String::from_utf8_lossy(reply.bytes().unwrap()).into_owned(),
        Err(error) => format!("{error:?}"),
    });
    outcome
}

#[mayfly::around]
fn passing(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    next.run_blocking()
}

#[test]
fn the_error_is_seen_as_it_is_reported_and_passes_unchanged() {
    let bare = invoke("seen::shout").event("").run().unwrap_err();
    let around = invoke("seen::shout").event("").around(mayfly::arounds![watching, passing]).run().unwrap_err();
    assert_eq!(bare.json(), around.json());
    let seen = SEEN.lock().unwrap().pop().unwrap();
    assert!(seen.starts_with("Empty: there is nothing to shout\n"), "{seen}");
    assert!(
        seen.trim_end().lines().last().unwrap().contains("around::seen::shout (tests/tests/around/seen.rs:"),
        "{seen}"
    );
    for event in ["7", "{"] {
        let invoke = || invoke("seen::shout").payload(event);
        let around = invoke().around(mayfly::arounds![passing, watching]).run().unwrap_err();
        assert_eq!(invoke().run().unwrap_err().json(), around.json());
        assert!(SEEN.lock().unwrap().pop().unwrap().starts_with("Runtime.InvalidEvent: "));
    }
}

#[mayfly::around]
fn healed(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    next.run_blocking().or_else(|error| Reply::new(json!({ "error": error.name(), "message": error.message() })))
}

#[test]
fn an_error_can_become_a_reply_and_a_reply_an_error() {
    let reply = invoke("seen::shout").event("").around(mayfly::arounds![healed]).run().unwrap();
    assert_eq!(reply.json::<Value>(), json!({ "error": "Empty", "message": "there is nothing to shout" }));
    let reply = invoke("seen::shout").event("hi").around(mayfly::arounds![healed]).run().unwrap();
    assert_eq!(reply.json::<Value>(), "HI");
    let failure = invoke("seen::shout").event("hi").around(mayfly::arounds![strict]).run().unwrap_err();
    assert_eq!((failure.error_type().as_str(), failure.message().as_str()), ("TooLoud", "\"HI\""));
}

#[mayfly::around]
fn strict(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let reply = next.run_blocking()?;
    Err(Error::new("TooLoud", String::from_utf8_lossy(reply.bytes().unwrap_or_default())))
}

#[mayfly::around]
fn unencodable(_: &Invocation<'_>, _: Next<'_>) -> Result<Reply, Error> {
    Reply::new(std::collections::BTreeMap::from([((1, 2), 3)]))
}

#[test]
fn a_value_that_is_not_json_is_an_invalid_response() {
    let failure = invoke("seen::shout").event("hi").around(mayfly::arounds![unencodable]).run().unwrap_err();
    assert_eq!(failure.error_type(), "Runtime.InvalidResponse");
}
