//! The lists that name around functions.

use mayfly::around::{Arounds, Reply};
use mayfly::testing::invoke;
use mayfly::{Error, Invocation, Next, State};
use serde_json::{Value, json};

/// An alias hides the `Result`.
type Outcome = Result<Reply, Error>;

/// Adds a name to the list that is the reply.
fn add(name: &str, reply: &Reply) -> Result<Reply, Error> {
    let mut names: Vec<String> = serde_json::from_slice(reply.bytes().unwrap_or_default())?;
    names.push(name.to_owned());
    Reply::new(names)
}

#[mayfly::around]
fn one(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    add("one", &next.run_blocking()?)
}

#[mayfly::around]
async fn two(_: &Invocation<'_>, next: Next<'_>) -> Outcome {
    add("two", &next.run().await?)
}

mod elsewhere {
    pub(crate) mod inner {
        use super::super::*;

        #[mayfly::around]
        pub(crate) fn r#match(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
            add("match", &next.run_blocking()?)
        }
    }

    pub(crate) use inner::r#match as renamed;
}

const BOTH: Arounds = mayfly::arounds![one, two];

#[mayfly::handler(name = "listed::bare")]
fn bare() -> Vec<String> {
    Vec::new()
}

#[mayfly::handler(name = "listed::single", around = one)]
fn single() -> Vec<String> {
    Vec::new()
}

#[mayfly::handler(name = "listed::several", around = [one, elsewhere::inner::r#match, elsewhere::renamed, one])]
async fn several() -> Vec<String> {
    tokio::task::yield_now().await;
    Vec::new()
}

#[mayfly::handler(around = BOTH, name = "listed::constant")]
fn constant() -> Vec<String> {
    Vec::new()
}

fn reply(handler: &str, arounds: Arounds) -> Value {
    invoke(format!("listed::{handler}")).around(arounds).run().unwrap().json()
}

#[test]
fn a_list_is_a_function_a_list_in_brackets_or_a_constant() {
    let none = mayfly::arounds![];
    assert_eq!(reply("bare", none), json!([]));
    assert_eq!(reply("single", none), json!(["one"]));
    assert_eq!(reply("several", none), json!(["one", "match", "match", "one"]));
    assert_eq!(reply("constant", none), json!(["two", "one"]));
    assert_eq!(invoke("listed::single").run().unwrap().json::<Value>(), json!(["one"]), "those of the attribute run");
}

#[test]
fn the_functions_of_the_process_are_outside_of_those_of_the_handler() {
    let list = mayfly::arounds![two, elsewhere::renamed];
    assert_eq!(reply("bare", list), json!(["match", "two"]));
    assert_eq!(reply("single", list), json!(["one", "match", "two"]));
    assert_eq!(reply("constant", list), json!(["two", "one", "match", "two"]));
}

#[test]
fn lists_have_names() {
    assert_eq!(format!("{BOTH:?}"), "[around::listed::one, around::listed::two]");
}

fn bare_function(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    next.run_blocking()
}

struct Nothing;

#[mayfly::around]
fn stateful(_: &Invocation<'_>, next: Next<'_>, _: State<Nothing>) -> Result<Reply, Error> {
    next.run_blocking()
}

#[test]
fn a_function_without_the_attribute_and_a_state_without_an_init_are_init_errors() {
    let failure = invoke("listed::bare").around(mayfly::arounds![one, bare_function]).run().unwrap_err();
    assert_eq!(failure.error_type(), "Runtime.InitError");
    assert_eq!(
        failure.message(),
        "Initialization error: `around = …` names `around::listed::bare_function`, which is not under \
         `#[mayfly::around]`; add the attribute to the function"
    );
    let failure = invoke("listed::bare").around(mayfly::arounds![stateful]).run().unwrap_err();
    let message = failure.message();
    let expected =
        "Initialization error: the around function `around::listed::stateful` (tests/tests/around/listed.rs:";
    assert!(message.starts_with(expected), "{message}");
    assert!(message.contains("takes `State<around::listed::Nothing>`, but no `#[mayfly::init]` function"), "{message}");
}
