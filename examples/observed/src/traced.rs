//! `traced`: an `OpenTelemetry` span around every invocation.

use mayfly::around::Reply;
use mayfly::{Error, Invocation, Next, State};
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_aws::trace::xray_propagator::span_context_from_str;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanExporter};

/// The provider of the tracers of this process.
#[derive(Debug)]
pub(crate) struct Tracing(SdkTracerProvider);

impl Tracing {
    /// Creates the provider, which exports spans on a thread of its own, and makes it the global one.
    fn new(exporter: impl SpanExporter + 'static) -> Self {
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
        global::set_tracer_provider(provider.clone());
        Self(provider)
    }
}

/// Exports to the log. A real service sends its spans to a collector: replace the exporter by `opentelemetry_otlp`'s.
#[cfg(not(test))]
#[mayfly::init]
fn tracing() -> Tracing {
    Tracing::new(opentelemetry_stdout::SpanExporter::default())
}

/// Runs the invocation in a span, whose status tells whether it failed, and exports it.
///
/// It is sync for two reasons. The span is the current one of the thread, so that sync and async handlers alike create
/// children of it; an async function would lose it in sync handlers, which run outside of its future. And the flush
/// blocks, which would stop the tokio runtime.
#[mayfly::around]
pub(crate) fn traced(
    _: &Invocation<'_>,
    next: Next<'_>,
    lambda: mayfly::Context,
    State(Tracing(provider)): State<Tracing>,
) -> Result<Reply, Error> {
    let tracer = provider.tracer("observed");
    let function = lambda.function.name.clone().unwrap_or_else(|| "observed".to_owned());
    let span = tracer
        .span_builder(function)
        .with_kind(SpanKind::Server)
        .with_attributes([KeyValue::new("faas.invocation_id", lambda.request_id.clone())]);
    let caller = caller(&lambda);
    let context = caller.with_span(span.start_with_context(&tracer, &caller));
    let outcome = {
        let _current = context.clone().attach();
        next.run_blocking()
    };
    if let Err(error) = &outcome {
        context.span().set_status(Status::error(error.message().to_owned()));
        context.span().set_attribute(KeyValue::new("error.type", error.name().to_owned()));
    }
    context.span().end();
    // Before the reply is sent: Lambda freezes the process after it. A lost span is no reason to fail the invocation.
    if let Err(error) = provider.force_flush() {
        log::warn!("the spans of this invocation are not exported: {error}");
    }
    outcome
}

/// Returns the context of the caller, as X-Ray's header states it. Spans are exported only if X-Ray samples the trace.
/// Without the header, as in a local run, the span begins a trace of its own.
fn caller(invocation: &mayfly::Context) -> Context {
    let caller = invocation.trace_id.as_deref().and_then(span_context_from_str);
    caller.map_or_else(Context::new, |caller| Context::new().with_remote_span_context(caller))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use mayfly::testing;
    use opentelemetry::trace::{SpanId, TraceId};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

    use super::*;

    static EXPORTED: LazyLock<InMemorySpanExporter> = LazyLock::new(InMemorySpanExporter::default);

    #[mayfly::init]
    fn tracing() -> Tracing {
        static PROVIDER: LazyLock<SdkTracerProvider> = LazyLock::new(|| Tracing::new(EXPORTED.clone()).0);
        Tracing(PROVIDER.clone())
    }

    #[mayfly::handler(name = "traced-sync")]
    fn traced_sync(name: String) {
        global::tracer("test").in_span(name, |_| ());
    }

    #[mayfly::handler(name = "traced-async")]
    async fn traced_async(name: String) {
        tokio::task::yield_now().await;
        global::tracer("test").in_span(name, |_| ());
    }

    #[mayfly::handler(name = "traced-failing")]
    async fn failing() -> Result<(), Error> {
        tokio::task::yield_now().await;
        Err(Error::new("SoldOut", "there is none left"))
    }

    #[mayfly::handler(name = "traced-panicking")]
    fn panicking() {
        panic!("the kettle exploded");
    }

    /// Starts an invocation inside of a span.
    fn invoke(handler: &str, request_id: &str) -> testing::Invoke {
        let invoke = testing::invoke(handler).around(mayfly::arounds![traced]);
        invoke.header("Lambda-Runtime-Aws-Request-Id", request_id)
    }

    fn exported(is_wanted: impl Fn(&SpanData) -> bool) -> Option<SpanData> {
        EXPORTED.get_finished_spans().expect("the exporter works").into_iter().find(is_wanted)
    }

    /// Returns the span of an invocation, if it has been exported by now.
    pub(crate) fn span_of(request_id: &str) -> Option<SpanData> {
        let id = KeyValue::new("faas.invocation_id", request_id.to_owned());
        exported(|span| span.attributes.contains(&id))
    }

    /// Returns the spans of this name inside of the span of an invocation.
    pub(crate) fn children_of(span: &SpanData, name: &str) -> usize {
        let spans = EXPORTED.get_finished_spans().expect("the exporter works");
        let is_child = |child: &&SpanData| child.name == name && child.parent_span_id == span.span_context.span_id();
        spans.iter().filter(is_child).count()
    }

    #[test]
    fn the_span_is_exported_when_the_reply_is_there() {
        for handler in ["traced-sync", "traced-async"] {
            invoke(handler, handler).event("x").run().expect("the handler succeeds");
            let span = span_of(handler).expect("the span has been exported");
            assert_eq!((&*span.name, &span.span_kind, &span.status), ("observed", &SpanKind::Server, &Status::Unset));
            assert!(span.end_time >= span.start_time);
        }
    }

    #[test]
    fn the_span_of_a_failed_invocation_says_why() {
        for (handler, name) in [
            ("traced-failing", "SoldOut"),
            ("traced-panicking", "Runtime.HandlerPanic"),
            ("traced-sync", "Runtime.InvalidEvent"),
        ] {
            let request_id = format!("{handler} fails");
            let failure = invoke(handler, &request_id).run().expect_err("the handler fails");
            let span = span_of(&request_id).expect("the span has been exported");
            assert_eq!(failure.error_type(), name);
            assert_eq!(span.status, Status::error(failure.message()));
            assert!(span.attributes.contains(&KeyValue::new("error.type", name)), "{:?}", span.attributes);
        }
    }

    #[test]
    fn spans_of_sync_and_async_handlers_are_children_of_the_invocation() {
        for handler in ["traced-sync", "traced-async"] {
            let request_id = format!("{handler} has a child");
            invoke(handler, &request_id).event("child").run().expect("the handler succeeds");
            let span = span_of(&request_id).expect("the span has been exported");
            assert_eq!(children_of(&span, "child"), 1, "{handler}");
        }
    }

    #[test]
    fn the_span_belongs_to_the_trace_of_the_caller() {
        let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=2:a87bd80c:0";
        let run = |request_id: &str, trace: &str| {
            let invoke = invoke("traced-async", request_id).header("Lambda-Runtime-Trace-Id", trace);
            invoke.event("x").run().expect("the handler succeeds");
            span_of(request_id)
        };
        let span = run("sampled", trace).expect("the span has been exported");
        assert_eq!(span.span_context.trace_id(), TraceId::from(0x5759_e988_bd86_2e3f_e1be_46a9_9427_2793));
        assert_eq!(span.parent_span_id, SpanId::from(0x5399_5c3f_42cd_8ad8));
        assert!(run("not sampled", &trace.replace("Sampled=1", "Sampled=0")).is_none());
        let span = run("no trace", "nonsense").expect("the span has been exported");
        assert_eq!(span.parent_span_id, SpanId::INVALID);
    }
}
