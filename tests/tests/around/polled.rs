//! Async around functions that poll the rest in their own ways.

use std::future::{Future, poll_fn};
use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, future};
use mayfly::around::Reply;
use mayfly::testing::invoke;
use mayfly::{Error, Invocation, Next};
use serde_json::Value;

#[mayfly::handler(name = "polled::plain")]
fn plain() -> &'static str {
    "plain"
}

#[mayfly::handler(name = "polled::waiting")]
async fn waiting() -> &'static str {
    tokio::time::sleep(Duration::from_millis(2)).await;
    "waiting"
}

const HANDLERS: [&str; 2] = ["plain", "waiting"];

#[mayfly::around]
fn passing(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    next.run_blocking()
}

#[mayfly::around]
async fn unordered(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let mut futures = FuturesUnordered::new();
    futures.push(future::Either::Left(next.run()));
    futures.push(future::Either::Right(async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Reply::new("other")
    }));
    let mut replies = Vec::new();
    while let Some(reply) = futures.next().await {
        replies.push(String::from_utf8(reply?.bytes().unwrap_or_default().to_vec())?);
    }
    replies.sort();
    Reply::new(replies.join(" "))
}

#[mayfly::around]
async fn generous(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    tokio::time::timeout(Duration::from_secs(60), next.run()).await?
}

#[test]
fn a_rest_among_other_futures_is_polled_until_it_is_done() {
    for handler in HANDLERS {
        let outcome = |arounds| invoke(format!("polled::{handler}")).around(arounds).run().unwrap().json::<Value>();
        assert_eq!(outcome(mayfly::arounds![unordered]), format!("\"other\" \"{handler}\""));
        assert_eq!(outcome(mayfly::arounds![unordered, passing]), format!("\"other\" \"{handler}\""));
        assert_eq!(outcome(mayfly::arounds![generous]), handler);
        assert_eq!(outcome(mayfly::arounds![generous, passing, generous]), handler);
    }
}

/// Polls the rest once, then drops it.
#[mayfly::around]
async fn impatient(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    {
        let mut rest = pin!(next.run());
        poll_fn(|cx| {
            assert!(rest.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    tokio::time::sleep(Duration::from_millis(1)).await;
    Reply::new("dropped")
}

#[mayfly::handler(name = "polled::untouched")]
fn untouched() {
    panic!("it was not to be called");
}

#[test]
fn a_rest_that_is_dropped_is_not_called_any_more() {
    for (handler, arounds) in [
        ("untouched", mayfly::arounds![impatient]),
        ("untouched", mayfly::arounds![impatient, passing]),
        ("waiting", mayfly::arounds![impatient]),
        ("waiting", mayfly::arounds![passing, impatient]),
    ] {
        let reply = invoke(format!("polled::{handler}")).around(arounds).run().unwrap();
        assert_eq!(reply.json::<Value>(), "dropped", "{handler} {arounds:?}");
    }
}

#[mayfly::around]
fn by_hand(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    polled_once(next)
}

/// Polls a sync rest by hand, where no runtime is.
fn polled_once(next: Next<'_>) -> Result<Reply, Error> {
    let mut rest = pin!(next.run());
    match rest.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Reply::new("pending"),
    }
}

#[test]
fn a_sync_function_can_poll_a_sync_rest_itself() {
    let reply = invoke("polled::plain").around(mayfly::arounds![by_hand, passing]).run().unwrap();
    assert_eq!(reply.json::<Value>(), "plain");
}

#[mayfly::around]
async fn blocking(invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    passing(invocation, next)
}

#[test]
fn blocking_inside_an_async_function_is_a_panic_that_says_what_to_write() {
    for handler in HANDLERS {
        let failure = invoke(format!("polled::{handler}")).around(mayfly::arounds![blocking]).run().unwrap_err();
        assert_eq!(failure.error_type(), "Runtime.HandlerPanic");
        assert!(failure.message().contains("write `next.run().await`"), "{failure}");
    }
}

tokio::task_local! {
    static SPAN: &'static str;
}

#[mayfly::around]
async fn in_a_span(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    SPAN.scope("the span", next.run()).await
}

#[mayfly::handler(name = "polled::spanned")]
async fn spanned() -> &'static str {
    tokio::task::yield_now().await;
    SPAN.with(|span| *span)
}

#[test]
fn an_async_handler_is_inside_of_the_scope_of_an_async_function() {
    let reply = invoke("polled::spanned").around(mayfly::arounds![generous, in_a_span]).run().unwrap();
    assert_eq!(reply.json::<Value>(), "the span");
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

#[mayfly::handler(name = "polled::counted")]
fn counted() {
    COUNT.fetch_add(1, Ordering::Relaxed);
}

/// Polls the rest once, then forgets it, and replies without a pause.
#[mayfly::around]
async fn forgetful(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let mut rest = Box::pin(next.run());
    poll_fn(|cx| {
        assert!(rest.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    mem::forget(rest);
    Reply::new("forgotten")
}

/// Waits after the rest.
#[mayfly::around]
async fn lingering(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let outcome = next.run().await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    outcome
}

#[test]
fn a_handler_does_not_run_after_the_function_that_has_forgotten_it() {
    let arounds = mayfly::arounds![lingering, passing, forgetful];
    let reply = invoke("polled::counted").around(arounds).run().unwrap();
    assert_eq!(reply.json::<Value>(), "forgotten");
    assert_eq!(COUNT.load(Ordering::Relaxed), 0);
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Counts its calls.
#[mayfly::around]
fn counting(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    CALLS.fetch_add(1, Ordering::Relaxed);
    next.run_blocking()
}

/// Polls the rest again after it is complete.
#[mayfly::around]
async fn insistent(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
    let mut rest = pin!(next.run());
    rest.as_mut().await?;
    rest.await
}

#[test]
fn a_rest_that_is_polled_after_its_end_does_not_run_again() {
    for handler in HANDLERS {
        for arounds in [mayfly::arounds![insistent], mayfly::arounds![insistent, counting]] {
            let failure = invoke(format!("polled::{handler}")).around(arounds).run().unwrap_err();
            assert_eq!(failure.error_type(), "Runtime.HandlerPanic");
            assert!(failure.message().contains("was polled after it was complete"), "{failure}");
        }
    }
    assert_eq!(CALLS.load(Ordering::Relaxed), HANDLERS.len());
}
