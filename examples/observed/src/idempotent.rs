//! `idempotent`: runs a handler once for each order, and replies to retries from a store.

use std::borrow::Cow;
use std::time::Duration;

use mayfly::around::Reply;
use mayfly::{Context, Error, Invocation, Next, State};
use serde::Deserialize;

use crate::store::{Claim, SqliteStore, Store};

/// The longest time that Lambda lets an invocation run.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The member of an event that tells a retry from another order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keyed<'a> {
    #[serde(borrow)]
    order_id: Cow<'a, str>,
}

/// Runs the handler for the first event with an `orderId`, and stores its reply for the others.
#[mayfly::around]
pub(crate) async fn idempotent(
    invocation: &Invocation<'_>,
    next: Next<'_>,
    context: Context,
    store: State<SqliteStore>,
) -> Result<Reply, Error> {
    run_once(store.0, invocation, next, &context).await
}

/// Does the work of `idempotent` with any store.
///
/// Only a success is stored: a failed invocation gives its claim up, and a retry runs again. If the process ends
/// without a reply, the claim lasts until the deadline; Lambda has ended the invocation by then.
async fn run_once(
    store: &impl Store,
    invocation: &Invocation<'_>,
    next: Next<'_>,
    context: &Context,
) -> Result<Reply, Error> {
    let Ok(Keyed { order_id }) = serde_json::from_slice(invocation.payload()) else {
        return next.run().await; // the handler says what is wrong with the event
    };
    // Functions that share a store do not share their replies.
    let key = format!("{}/{order_id}", context.function.name.as_deref().unwrap_or_default());
    match store.claim(&key, context.remaining_time().unwrap_or(LONGEST)).await? {
        Claim::Granted => {}
        Claim::Replied(reply) => return Ok(Reply::from_bytes(reply)),
        Claim::InProgress => {
            let message = format!("the order `{order_id}` is being processed by another invocation; retry later");
            return Err(Error::new("InProgress", message));
        }
    }
    let outcome = next.run().await;
    let stored = match outcome.as_ref().map(Reply::bytes) {
        Ok(Some(reply)) => store.keep(&key, reply).await,
        // A stream has no bytes yet.
        Ok(None) | Err(_) => store.release(&key).await,
    };
    if let Err(error) = stored {
        // The order is charged: an error would ask the caller for a retry.
        log::error!("the outcome of the order `{order_id}` is not stored: {error}");
    }
    outcome
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use mayfly::testing;
    use serde_json::{Value, json};

    use super::*;

    /// Counts the runs of the handlers for an order.
    fn count(order: &str) -> u32 {
        static RUNS: Mutex<Option<HashMap<String, u32>>> = Mutex::new(None);
        let mut runs = RUNS.lock().unwrap();
        let runs = runs.get_or_insert_default().entry(order.to_owned()).or_default();
        *runs += 1;
        *runs
    }

    fn order(event: &Value) -> &str {
        event["orderId"].as_str().unwrap_or_default()
    }

    #[mayfly::handler(name = "once", around = idempotent)]
    fn once(event: Value) -> u32 {
        count(order(&event))
    }

    #[mayfly::handler(name = "once-or-fails", around = idempotent)]
    async fn failing(event: Value) -> Result<u32, Error> {
        tokio::task::yield_now().await;
        match count(order(&event)) {
            1 => Err(Error::new("Declined", "the card is not valid")),
            2 => panic!("the kettle exploded"),
            run => Ok(run),
        }
    }

    #[mayfly::handler(name = "once-or-streams", around = idempotent)]
    fn streamed(event: Value) -> mayfly::Stream {
        mayfly::Stream::iter([count(order(&event)).to_string()])
    }

    /// Gets its own event a second time while it runs.
    #[mayfly::handler(name = "nested", around = idempotent)]
    async fn nested(event: Value) -> String {
        tokio::task::yield_now().await;
        match count(order(&event)) {
            1 => match invoke("nested", &event) {
                Ok(reply) => reply.json(),
                Err(failure) => format!("{}: {}", failure.error_type(), failure.message()),
            },
            run => format!("run {run}"),
        }
    }

    fn invoke(handler: &str, event: &Value) -> Result<testing::Reply, testing::Failure> {
        testing::invoke(handler).event(event).run()
    }

    fn run(handler: &str, event: &Value) -> u32 {
        invoke(handler, event).unwrap().json()
    }

    #[test]
    fn a_handler_runs_once_for_an_order_and_its_reply_is_repeated() {
        let event = json!({ "orderId": "a" });
        let replies: Vec<_> = (0..3).map(|_| run("once", &event)).collect();
        assert_eq!(replies, [1; 3]);
        assert_eq!(count("a"), 2, "this test counts as the second run");
        assert_eq!(run("once", &json!({ "orderId": "b", "note": "\u{e9}" })), 1);
        assert_eq!(run("once", &json!({ "orderId": "b", "again": true })), 1, "the id alone counts");
    }

    #[test]
    fn functions_do_not_share_replies() {
        let invoke = |name: &str| {
            let mut function = mayfly::Function::default();
            function.name = Some(name.to_owned());
            let invoke = testing::invoke("once").function(function).event(json!({ "orderId": "c" }));
            invoke.run().unwrap().json::<u32>()
        };
        assert_eq!(["place", "cancel", "place"].map(invoke), [1, 2, 1]);
    }

    #[test]
    fn an_event_without_an_id_runs_each_time() {
        for runs in 1..3 {
            assert_eq!(run("once", &json!({ "item": "cup" })), runs);
        }
        assert_eq!(invoke("observed::orders::place", &json!({})).unwrap_err().error_type(), "Runtime.InvalidEvent");
    }

    #[test]
    fn a_failed_invocation_is_not_stored() {
        let event = json!({ "orderId": "d" });
        assert_eq!(invoke("once-or-fails", &event).unwrap_err().error_type(), "Declined");
        assert_eq!(invoke("once-or-fails", &event).unwrap_err().error_type(), "Runtime.HandlerPanic");
        assert_eq!([run("once-or-fails", &event), run("once-or-fails", &event)], [3; 2]);
    }

    #[test]
    fn a_streamed_reply_is_not_stored() {
        let event = json!({ "orderId": "e" });
        assert_eq!([run("once-or-streams", &event), run("once-or-streams", &event)], [1, 2]);
    }

    #[test]
    fn a_duplicate_fails_while_the_first_is_in_progress() {
        let invoke = testing::invoke("nested").deadline(Duration::from_secs(60)).event(json!({ "orderId": "f" }));
        let reply: String = invoke.run().unwrap().json();
        assert_eq!(reply, "InProgress: the order `f` is being processed by another invocation; retry later");
    }

    #[test]
    fn a_claim_ends_with_the_deadline() {
        let event = json!({ "orderId": "g" });
        let reply: String = testing::invoke("nested").deadline(Duration::ZERO).event(&event).run().unwrap().json();
        assert_eq!(reply, "run 2");
    }

    /// A store that forgets what it is told, or that does not even answer.
    struct Faulty {
        answers: bool,
    }

    impl Store for Faulty {
        async fn claim(&self, _: &str, _: Duration) -> Result<Claim, Error> {
            if self.answers { Ok(Claim::Granted) } else { Err(Error::new("StoreDown", "no answer")) }
        }

        async fn keep(&self, _: &str, _: &[u8]) -> Result<(), Error> {
            Err(Error::new("StoreDown", "no answer"))
        }

        async fn release(&self, _: &str) -> Result<(), Error> {
            Err(Error::new("StoreDown", "no answer"))
        }
    }

    #[mayfly::around]
    async fn forgetful(invocation: &Invocation<'_>, next: Next<'_>, context: Context) -> Result<Reply, Error> {
        run_once(&Faulty { answers: true }, invocation, next, &context).await
    }

    #[mayfly::around]
    async fn down(invocation: &Invocation<'_>, next: Next<'_>, context: Context) -> Result<Reply, Error> {
        run_once(&Faulty { answers: false }, invocation, next, &context).await
    }

    #[mayfly::handler(name = "counted")]
    fn counted(event: Value) -> u32 {
        count(order(&event))
    }

    #[test]
    fn a_reply_that_cannot_be_stored_is_returned() {
        let event = json!({ "orderId": "h" });
        let reply = testing::invoke("counted").around(mayfly::arounds![forgetful]).event(&event).run().unwrap();
        assert_eq!(reply.json::<u32>(), 1);
    }

    #[test]
    fn nothing_runs_without_a_claim() {
        let event = json!({ "orderId": "i" });
        let failure = testing::invoke("counted").around(mayfly::arounds![down]).event(event).run().unwrap_err();
        assert_eq!(failure.error_type(), "StoreDown");
        assert_eq!(count("i"), 1, "this test counts as the first run");
    }
}
