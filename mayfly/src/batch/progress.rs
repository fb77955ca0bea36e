//! `Progress`: a batch while its records are handled, from the event to the reply.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::deadline::Deadline;
use super::envelope::Envelope;
use super::raw::Raw;
use super::schedule::{Outcome, Schedule};
use super::source::Source;
use crate::counted::counted;
use crate::error::Error;
use crate::invocation::argument::{FromInvocation, Invocation};
use crate::invocation::call::Call;
use crate::panic::caught::{self, contain};

/// The settings of a function under `#[mayfly::batch]`.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The source of the records.
    pub source: Source,
    /// The number of records that are handled at once.
    pub concurrency: usize,
    /// Whether a batch whose records have all failed is reported record by record, and not as a failed invocation.
    pub report_all: bool,
    /// The path of the function.
    pub path: &'static str,
    /// The file of the function.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
}

/// The arguments after the record, which each record's call takes anew.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(Invocation<'a>);

impl<'a> Arguments<'a> {
    /// Returns those of an invocation.
    #[must_use]
    pub fn of(call: &Call<'a>) -> Self {
        Self(*call.invocation())
    }

    /// Builds an argument.
    ///
    /// # Errors
    /// Returns the error of the argument's type.
    pub fn argument<T: FromInvocation>(&self) -> Result<T, Error> {
        T::from_invocation(&self.0)
    }
}

/// Handles the records of a batch one after the other.
///
/// # Errors
/// Returns `Runtime.InvalidEvent` if the event is no batch of the source, and `Function.BatchFailed` if all records
/// have failed and the invocation is to fail with them.
pub fn run(
    call: &mut Call<'_>,
    settings: Settings,
    each: &mut dyn FnMut(Raw) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut progress = Progress::start(call, settings)?;
    while let Some(record) = progress.next() {
        let raw = progress.raw(record);
        let outcome = attempt(|| each(raw));
        progress.end(record, outcome);
    }
    progress.reply(call)
}

/// Calls the user's code for a record; a panic in it is an error.
pub(super) fn attempt<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    caught::forget();
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| Err(caught::to_error(payload)))
}

/// A batch while its records are handled.
#[derive(Debug)]
pub(super) struct Progress {
    settings: Settings,
    envelope: Envelope,
    schedule: Schedule,
    pub(super) deadline: Deadline,
    /// The first error of a record.
    first: Option<Error>,
}

impl Progress {
    pub(super) fn start(call: &mut Call<'_>, settings: Settings) -> Result<Self, Error> {
        let invocation = call.invocation();
        let deadline = Deadline::of(invocation.headers.deadline());
        let envelope = Envelope::split(settings.source, invocation.payload)?;
        let schedule = Schedule::new(&envelope.lanes);
        call.has_decoded();
        Ok(Self { settings, envelope, schedule, deadline, first: None })
    }

    #[cfg(feature = "async")]
    pub(super) fn concurrency(&self) -> usize {
        self.settings.concurrency.clamp(1, self.envelope.records.len().max(1))
    }

    /// Returns the next record to begin; `None` if none may begin now.
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.deadline.is_early() { self.schedule.next() } else { None }
    }

    pub(super) fn raw(&self, record: usize) -> Raw {
        self.envelope.records[record].clone()
    }

    /// Notes the end of a record, and logs its error.
    pub(super) fn end(&mut self, record: usize, outcome: Result<(), Error>) {
        self.schedule.end(record, outcome.is_ok());
        if let Err(error) = outcome {
            self.fail(record, error);
        }
    }

    #[cold]
    fn fail(&mut self, record: usize, error: Error) {
        let Settings { path, file, line, .. } = self.settings;
        let error = error.advised().at(path, file, line);
        let identifier = String::from_utf8_lossy(&self.envelope.identifiers[record]);
        contain(|| {
            if error.is_logged() {
                log::error!(target: "mayfly::call", "record {identifier} failed: {}", error.message());
            } else {
                log::error!(target: "mayfly::call", "record {identifier} failed: {error:?}");
            }
        });
        self.first.get_or_insert(error);
    }

    /// Writes the reply.
    pub(super) fn reply(self, call: &mut Call<'_>) -> Result<(), Error> {
        call.has_returned();
        let failed = self.failed();
        let open = self.schedule.outcomes.iter().filter(|outcome| **outcome == Outcome::Open).count();
        if open > 0 {
            contain(|| {
                log::warn!(
                    target: "mayfly::call",
                    "{open} of {} did not begin, because of an earlier failure or the deadline, and will be delivered \
                     again",
                    counted(self.envelope.records.len(), "record")
                );
            });
        }
        if self.fails_as_a_whole(open)
            && let Some(first) = self.first
        {
            return Err(first.of_batch(self.envelope.records.len()));
        }
        let reply = &mut call.outgoing().bytes;
        reply.extend_from_slice(br#"{"batchItemFailures":["#);
        let mut seen = HashSet::new();
        for identifier in failed.into_iter().map(|record| &self.envelope.identifiers[record]) {
            if !seen.insert(identifier) {
                continue;
            }
            reply.extend_from_slice(if seen.len() == 1 { br#"{"itemIdentifier":"# } else { br#",{"itemIdentifier":"# });
            reply.extend_from_slice(identifier);
            reply.push(b'}');
        }
        reply.extend_from_slice(b"]}");
        call.has_encoded();
        Ok(())
    }

    /// Returns the records to report, in their order. In a stream and in a partition that is the first that has not
    /// succeeded: the source delivers it and all after it again.
    fn failed(&self) -> Vec<usize> {
        let outcomes = self.schedule.outcomes.iter().enumerate();
        let failed = outcomes.filter(|(_, outcome)| **outcome != Outcome::Succeeded).map(|(record, _)| record);
        let mut reported = HashSet::new();
        let is_of_queue = self.settings.source == Source::Sqs;
        failed.filter(|record| is_of_queue || reported.insert(self.envelope.lanes[*record])).collect()
    }

    /// Returns whether the invocation fails: each record was begun and failed, and the source is a queue without order
    /// or Kafka. For a FIFO queue and a stream the list of the failed records is more exact.
    fn fails_as_a_whole(&self, open: usize) -> bool {
        let is_ordered_queue = self.settings.source == Source::Sqs && self.envelope.lanes.iter().any(Option::is_some);
        let is_stream = matches!(self.settings.source, Source::Kinesis | Source::DynamoDb);
        !self.settings.report_all
            && !is_ordered_queue
            && !is_stream
            && open == 0
            && !self.schedule.outcomes.contains(&Outcome::Succeeded)
    }
}
