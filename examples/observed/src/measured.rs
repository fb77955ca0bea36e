//! `measured`: metrics of every invocation, in the embedded metric format of `CloudWatch`.

use std::env;
use std::io::Write;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mayfly::around::Reply;
use mayfly::{Context, Error, Invocation, Next, State};
use metrics::Unit;
use metrics_cloudwatch_embedded::{Builder, Collector};
use tokio::time::timeout;

const NAMESPACE: &str = "Observed";
const DURATION: &str = "Duration";
const ERRORS: &str = "Errors";
const COLD_STARTS: &str = "ColdStarts";
const NEAR_TIMEOUTS: &str = "NearTimeouts";

/// The time before the deadline at which an invocation that still runs is reported.
const MARGIN: Duration = Duration::from_millis(500);

/// The metrics of this process, and the place that they are written to.
pub(crate) struct Meter {
    collector: &'static Collector,
    is_cold: AtomicBool,
    out: Mutex<Box<dyn Write + Send>>,
}

/// Writes to standard output, where Lambda picks the lines up.
#[cfg(not(test))]
#[mayfly::init]
fn meter() -> Result<Meter, Error> {
    Ok(Meter::new(collector()?, std::io::stdout()))
}

/// Creates the collector behind the macros of the crate `metrics`. A process can have one.
fn collector() -> Result<&'static Collector, Error> {
    let function = env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "local".to_owned());
    let builder = Builder::new().cloudwatch_namespace(NAMESPACE).with_dimension("FunctionName", function);
    // A zero is written as well, so that the average of `Errors` is the share of the invocations that failed.
    let collector = builder.emit_zeros(true).init().map_err(Error::boxed)?;
    metrics::describe_histogram!(DURATION, Unit::Milliseconds, "the time from the event to the reply");
    metrics::describe_counter!(ERRORS, Unit::Count, "invocations that failed");
    metrics::describe_counter!(COLD_STARTS, Unit::Count, "first invocations of a process");
    Ok(collector)
}

impl Meter {
    fn new(collector: &'static Collector, out: impl Write + Send + 'static) -> Self {
        Self { collector, is_cold: AtomicBool::new(true), out: Mutex::new(Box::new(out)) }
    }

    /// Writes the metrics of an invocation that has ended.
    fn ended(&self, request_id: &str, took: Duration, outcome: &Result<Reply, Error>) {
        self.write(request_id, |out| {
            metrics::histogram!(DURATION).record(took.as_secs_f64() * 1000.0);
            metrics::counter!(ERRORS).increment(outcome.is_err().into());
            metrics::counter!(COLD_STARTS).increment(self.is_cold.swap(false, Ordering::Relaxed).into());
            self.collector.flush(out)
        });
    }

    /// Writes that an invocation is about to time out. Its other metrics follow if it ends in time.
    fn near_timeout(&self, request_id: &str) {
        self.write(request_id, |out| self.collector.write_single(NEAR_TIMEOUTS, Some(Unit::Count), 1, out));
    }

    /// Writes one line. Invocations that run at once take turns, so that each line has its own request id. A lost line
    /// is no reason to fail the invocation.
    fn write(&self, request_id: &str, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        self.collector.set_property("RequestId", request_id);
        if let Err(error) = write(&mut **out) {
            log::warn!("the metrics of this invocation are not written: {error}");
        }
    }
}

/// Measures the invocation, and writes its metrics before the reply is sent.
///
/// It is async to watch the clock while an async handler waits: Lambda ends the process at the deadline, and nothing
/// can be measured then. A sync handler cannot be watched, since it runs outside of this future.
#[mayfly::around]
pub(crate) async fn measured(
    _: &Invocation<'_>,
    next: Next<'_>,
    context: Context,
    meter: State<Meter>,
) -> Result<Reply, Error> {
    let start = Instant::now();
    let mut run = pin!(next.run());
    let watched = context.remaining_time().unwrap_or(Duration::MAX).saturating_sub(MARGIN);
    let outcome = match timeout(watched, &mut run).await {
        Ok(outcome) => outcome,
        Err(_) => {
            meter.near_timeout(&context.request_id);
            run.await
        }
    };
    meter.ended(&context.request_id, start.elapsed(), &outcome);
    outcome
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io;
    use std::sync::LazyLock;

    use mayfly::testing;

    use super::*;
    use crate::emf::Document;

    static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    /// A writer whose lines the tests read.
    struct Lines;

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LINES.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[mayfly::init]
    fn meter() -> Meter {
        static COLLECTOR: LazyLock<&'static Collector> = LazyLock::new(|| collector().expect("it is the first"));
        Meter::new(*COLLECTOR, Lines)
    }

    /// Returns the lines that have been written by now. Each is valid.
    fn written() -> Vec<Document> {
        let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let lines = String::from_utf8(lines).expect("it is text");
        lines.lines().map(|line| Document::read(line).unwrap_or_else(|error| panic!("{error} in {line}"))).collect()
    }

    /// Returns the lines that this code writes. Other tests wait, since all share the collector of the process.
    pub(crate) fn lines_of(code: impl FnOnce()) -> Vec<Document> {
        static ALONE: Mutex<()> = Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).clear();
        code();
        written()
    }

    fn invoke(handler: &str) -> testing::Invoke {
        testing::invoke(handler).around(mayfly::arounds![measured])
    }

    #[mayfly::handler(name = "measured-sync")]
    fn succeeding() {}

    #[mayfly::handler(name = "measured-async")]
    async fn failing() -> Result<(), Error> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        Err(Error::new("SoldOut", "there is none left"))
    }

    #[mayfly::handler(name = "measured-panicking")]
    fn panicking() {
        panic!("the kettle exploded");
    }

    /// Waits until the line about its time-out is there, and fails if it does not come.
    #[mayfly::handler(name = "measured-slow")]
    async fn slow() -> Result<(), Error> {
        for _ in 0..5000 {
            if written().iter().any(|line| line.single(NEAR_TIMEOUTS).is_some()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err(Error::msg("there is no line"))
    }

    #[test]
    fn an_invocation_writes_its_line_before_its_reply() {
        for (handler, fails) in [("measured-sync", false), ("measured-async", true), ("measured-panicking", true)] {
            let lines = lines_of(|| assert_eq!(invoke(handler).run().is_err(), fails, "{handler}"));
            let [line] = &lines[..] else { panic!("{lines:?}") };
            assert_eq!(line.single(ERRORS), Some((f64::from(fails), Some("Count"))));
            assert_eq!(line.single(COLD_STARTS), Some((1.0, Some("Count"))));
            let (duration, unit) = line.single(DURATION).expect("it has a duration");
            assert_eq!(unit, Some("Milliseconds"));
            assert!(duration >= if handler == "measured-async" { 2.0 } else { 0.0 }, "{duration}");
            assert_eq!(line.text("FunctionName"), Some("local"));
            assert_eq!(line.text("RequestId"), Some("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
        }
    }

    #[test]
    fn the_first_invocation_of_a_process_is_a_cold_start() {
        let lines = lines_of(|| {
            let meter = meter();
            for id in ["first", "second"] {
                meter.ended(id, Duration::from_millis(1), &Reply::new(()));
            }
        });
        let cold: Vec<_> = lines.iter().map(|line| (line.text("RequestId"), line.single(COLD_STARTS))).collect();
        let value = |value| Some((value, Some("Count")));
        assert_eq!(cold, [(Some("first"), value(1.0)), (Some("second"), value(0.0))]);
    }

    #[test]
    fn an_invocation_that_may_time_out_is_reported_while_it_runs() {
        let lines = lines_of(|| {
            invoke("measured-slow").deadline(MARGIN).run().expect("the handler sees the line");
        });
        let [early, last] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!((early.single(NEAR_TIMEOUTS), early.single(DURATION)), (Some((1.0, Some("Count"))), None));
        assert!(last.single(DURATION).is_some());
        let lines = lines_of(|| _ = invoke("measured-async").deadline(Duration::from_secs(60)).run());
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn metrics_that_cannot_be_written_fail_no_invocation() {
        struct Full;

        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let lines = lines_of(|| Meter::new(meter().collector, Full).ended("x", Duration::ZERO, &Reply::new(())));
        assert!(lines.is_empty());
    }
}
