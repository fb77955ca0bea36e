//! Generated code at work: it reads events, calls functions, and treats each concrete type of reply and error right.

#![expect(
    clippy::unused_async,
    clippy::elidable_lifetime_names,
    reason = "a handler may be written so, and is registered all the same"
)]

use std::borrow::Cow;
use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::num::ParseIntError;
use std::rc::Rc;
use std::sync::Arc;

use mayfly::testing::{self, Failure};
use mayfly::{Context, Error, FromInvocation, Invocation, Needs, ResultExt, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Runs a handler of this file.
fn run(handler: &str, event: Value) -> Result<Value, Failure> {
    testing::invoke(format!("runtime::outcomes::{handler}")).event(event).run().map(|reply| reply.json())
}

/// Returns the name and the message of a handler's error.
fn failure(handler: &str) -> (String, String) {
    let failure = run(handler, json!("x")).expect_err("this handler fails");
    (failure.error_type(), failure.message())
}

fn pair(name: &str, message: &str) -> (String, String) {
    (name.to_owned(), message.to_owned())
}

mod replies {
    use super::*;

    type Answer<T> = Result<T, ParseIntError>;
    type Row = Result<u8, String>;

    #[mayfly::handler]
    fn nothing() {}

    #[mayfly::handler]
    async fn nothing_in_a_result(_: Value) -> Result<(), String> {
        Ok(())
    }

    #[mayfly::handler]
    fn aliased(number: String) -> Answer<Option<u8>> {
        number.parse().map(Some)
    }

    #[mayfly::handler]
    fn unnamed(number: u8) -> impl Serialize {
        [number]
    }

    #[mayfly::handler]
    fn nested(number: u8) -> Vec<Row> {
        vec![Ok(number), Err("none".to_owned())]
    }

    #[mayfly::handler]
    fn no_numbers() -> [f64; 2] {
        [f64::NAN, f64::INFINITY]
    }

    #[test]
    fn unit_is_null() {
        assert_eq!(run("replies::nothing", json!({})).unwrap(), Value::Null);
        assert_eq!(run("replies::nothing_in_a_result", json!({})).unwrap(), Value::Null);
    }

    #[test]
    fn a_result_is_serialized_as_its_content() {
        assert_eq!(run("replies::aliased", json!("7")).unwrap(), json!(7));
        assert_eq!(run("replies::aliased", json!("x")).unwrap_err().error_type(), "core::num::error::ParseIntError");
    }

    #[test]
    fn any_other_reply_is_serialized_as_serde_writes_it() {
        assert_eq!(run("replies::unnamed", json!(7)).unwrap(), json!([7]));
        assert_eq!(run("replies::nested", json!(7)).unwrap(), json!([{ "Ok": 7 }, { "Err": "none" }]));
        assert_eq!(run("replies::no_numbers", json!({})).unwrap(), json!([null, null]));
    }
}

mod events {
    use super::*;

    #[derive(Deserialize)]
    struct Note<'a> {
        id: &'a str,
        #[serde(borrow)]
        text: Cow<'a, str>,
    }

    #[mayfly::handler]
    fn borrowed(note: Note<'_>) -> (bool, String) {
        (matches!(note.text, Cow::Borrowed(_)), format!("{}: {}", note.id, note.text))
    }

    #[mayfly::handler]
    async fn lent_across_an_await<'a>(note: Note<'a>) -> Result<Cow<'a, str>, Error> {
        let kept = Rc::new(Cell::new(0));
        tokio::task::yield_now().await;
        kept.set(1);
        Ok(note.text)
    }

    #[mayfly::handler]
    fn r#type(r#in: u8) -> u8 {
        r#in
    }

    /// An event with the name of a type of Mayfly.
    #[derive(Deserialize)]
    struct Context {
        request_id: String,
    }

    #[mayfly::handler(name = "events/v2")]
    fn named(Context { request_id }: Context) -> String {
        request_id
    }

    #[test]
    fn event_borrows_from_the_payload() {
        let note = json!({ "id": "1", "text": "plain" });
        assert_eq!(run("events::borrowed", note.clone()).unwrap(), json!([true, "1: plain"]));
        assert_eq!(run("events::lent_across_an_await", note).unwrap(), json!("plain"));
        let escaped = json!({ "id": "1", "text": "\"" });
        assert_eq!(run("events::borrowed", escaped).unwrap(), json!([false, "1: \""]));
    }

    #[test]
    fn raw_name_is_found_without_its_prefix() {
        assert_eq!(run("events::type", json!(7)).unwrap(), json!(7));
    }

    #[test]
    fn handler_is_found_by_its_other_name_and_takes_an_event_called_context() {
        let reply = testing::invoke("events/v2").event(json!({ "request_id": "mine" })).run().unwrap();
        assert_eq!(reply.json::<Value>(), json!("mine"));
    }
}

mod errors {
    use super::*;

    #[derive(Debug)]
    struct Refused(ParseIntError);

    impl Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("refused")
        }
    }

    impl StdError for Refused {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    #[derive(Debug)]
    struct OnlyDebug;

    fn refuse(number: &str) -> Result<u8, Refused> {
        number.parse().map_err(Refused)
    }

    #[mayfly::handler]
    fn typed(number: String) -> Result<u8, Refused> {
        refuse(&number)
    }

    #[mayfly::handler]
    async fn in_a_box(number: String) -> Result<u8, Box<Refused>> {
        refuse(&number).map_err(Box::new)
    }

    #[mayfly::handler]
    async fn shared(number: String) -> Result<u8, Arc<Refused>> {
        refuse(&number).map_err(Arc::new)
    }

    #[mayfly::handler]
    fn boxed(number: String) -> Result<u8, Box<dyn StdError>> {
        Ok(refuse(&number)?)
    }

    #[mayfly::handler]
    async fn anyhow(number: String) -> anyhow::Result<u8> {
        Ok(refuse(&number)?)
    }

    #[mayfly::handler]
    fn text(_: Value) -> Result<u8, &'static str> {
        Err("sold out")
    }

    #[mayfly::handler]
    async fn debugged(_: Value) -> Result<u8, OnlyDebug> {
        Err(OnlyDebug)
    }

    #[mayfly::handler]
    fn own(number: String) -> Result<u8, Error> {
        refuse(&number).context("the order").named("OrderRejected")
    }

    #[test]
    fn typed_error_is_named_by_its_path_in_any_pointer() {
        let refused = pair("runtime::outcomes::errors::Refused", "refused");
        assert_eq!(failure("errors::typed"), refused);
        assert_eq!(failure("errors::in_a_box"), refused);
        assert_eq!(failure("errors::shared"), refused);
    }

    #[test]
    fn erased_error_is_a_runtime_error_with_its_causes() {
        assert_eq!(failure("errors::boxed"), pair("RuntimeError", "refused"));
        assert_eq!(failure("errors::anyhow"), pair("RuntimeError", "refused"));
        let report = run("errors::boxed", json!("x")).unwrap_err().json();
        assert_eq!(report["cause"]["errorMessage"], "invalid digit found in string");
    }

    #[test]
    fn a_value_that_is_no_error_is_displayed_or_debugged() {
        assert_eq!(failure("errors::text"), pair("RuntimeError", "sold out"));
        assert_eq!(failure("errors::debugged"), pair("UnknownError", "OnlyDebug"));
    }

    #[test]
    fn own_error_keeps_its_name() {
        assert_eq!(failure("errors::own"), pair("OrderRejected", "the order"));
    }
}

mod arguments {
    use super::*;

    struct Limit(u32);
    struct Doubled(u32);

    #[mayfly::init]
    fn limit() -> Result<Limit, ParseIntError> {
        "3".parse().map(Limit)
    }

    #[mayfly::init]
    async fn doubled(limit: State<Limit>) -> Doubled {
        tokio::task::yield_now().await;
        Doubled(limit.0.0 * 2)
    }

    /// An argument that needs a state which the handler's signature does not show.
    struct Quota(u32);

    impl FromInvocation for Quota {
        fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error> {
            Ok(Self(invocation.state::<Doubled>()?.0.0))
        }

        fn needs(needs: &mut Needs) {
            needs.state::<Doubled>();
        }
    }

    #[mayfly::handler]
    fn all(event: u8, Quota(quota): Quota, State(limit): State<Limit>, context: Context) -> (u8, u32, u32, bool) {
        (event, quota, limit.0, context.request_id.is_empty())
    }

    #[test]
    fn arguments_are_made_from_states_that_were_built_before() {
        assert_eq!(run("arguments::all", json!(1)).unwrap(), json!([1, 6, 3, false]));
    }
}

#[test]
fn every_handler_of_this_file_could_start() -> Result<(), Box<dyn StdError>> {
    Ok(testing::check()?)
}
