//! `Slots`: the futures of the records that are handled at the same time.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::progress::{Progress, Settings, attempt};
use super::raw::Raw;
use crate::error::Error;
use crate::invocation::call::Call;
use crate::panic::caught::contain;

/// The future of one record.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// Boxes the future of one record.
pub fn boxed<'a>(future: impl Future<Output = Result<(), Error>> + 'a) -> Running<'a> {
    Box::pin(future)
}

/// Handles the records of a batch, several at once.
///
/// # Errors
/// Returns the errors of [`run`](super::progress::run).
pub async fn run_async<'a>(
    call: &mut Call<'_>,
    settings: Settings,
    each: &dyn Fn(Raw) -> Running<'a>,
) -> Result<(), Error> {
    let mut progress = Progress::start(call, settings)?;
    let mut slots = Slots::new(progress.concurrency());
    let mut timer = None;
    poll_fn(|cx| {
        if slots.poll(cx, &mut progress, each).is_ready() {
            return Poll::Ready(());
        }
        let Some(left) = progress.deadline.until_cancel() else { return Poll::Pending };
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(left)));
        if timer.as_mut().poll(cx).is_ready() {
            slots.cancel(&mut progress);
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
    progress.reply(call)
}

/// The futures of the records that are handled at the same time. Each has a waker of its own, so that only those that
/// can continue are polled.
struct Slots<'a> {
    running: Vec<Option<(usize, Running<'a>)>>,
    free: Vec<usize>,
    wakers: Vec<Waker>,
    awake: Arc<Awake>,
}

/// The slots whose futures can continue, and the waker of the whole batch.
#[derive(Debug, Default)]
struct Awake(Mutex<(VecDeque<usize>, Option<Waker>)>);

/// The waker of one slot.
struct SlotWaker {
    slot: usize,
    awake: Arc<Awake>,
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waker = {
            let mut awake = self.awake.0.lock().unwrap_or_else(PoisonError::into_inner);
            awake.0.push_back(self.slot);
            awake.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<'a> Slots<'a> {
    fn new(count: usize) -> Self {
        let awake = Arc::<Awake>::default();
        let waker = |slot| Waker::from(Arc::new(SlotWaker { slot, awake: Arc::clone(&awake) }));
        let wakers = (0..count).map(waker).collect();
        Self { running: (0..count).map(|_| None).collect(), free: (0..count).rev().collect(), wakers, awake }
    }

    /// Begins records while slots are free, and polls the futures that can continue. Ready when nothing runs and
    /// nothing may begin.
    fn poll(&mut self, cx: &Context<'_>, progress: &mut Progress, each: &dyn Fn(Raw) -> Running<'a>) -> Poll<()> {
        self.awake.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(cx.waker().clone());
        loop {
            let begun = self.begin(progress, each);
            if self.free.len() == self.running.len() {
                return Poll::Ready(());
            }
            let woken = mem::take(&mut self.awake.0.lock().unwrap_or_else(PoisonError::into_inner).0);
            let mut has_ended = false;
            for slot in begun.into_iter().chain(woken) {
                has_ended |= self.poll_slot(slot, progress);
            }
            if !has_ended {
                return Poll::Pending;
            }
        }
    }

    /// Begins records while slots are free. Returns the slots that they take.
    fn begin(&mut self, progress: &mut Progress, each: &dyn Fn(Raw) -> Running<'a>) -> Vec<usize> {
        let mut begun = Vec::new();
        while let Some(slot) = self.free.pop() {
            let Some(record) = progress.next() else {
                self.free.push(slot);
                break;
            };
            self.running[slot] = Some((record, each(progress.raw(record))));
            begun.push(slot);
        }
        begun
    }

    /// Polls the future in a slot. Returns whether it has ended.
    fn poll_slot(&mut self, slot: usize, progress: &mut Progress) -> bool {
        let Some((record, future)) = &mut self.running[slot] else { return false };
        let record = *record;
        let mut cx = Context::from_waker(&self.wakers[slot]);
        let outcome = match attempt(|| Ok(future.as_mut().poll(&mut cx))) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(outcome)) => outcome,
            Err(panic) => Err(panic),
        };
        let ended = self.running[slot].take();
        contain(|| drop(ended));
        self.free.push(slot);
        progress.end(record, outcome);
        true
    }

    /// Drops the futures that still run, whose records fail.
    fn cancel(&mut self, progress: &mut Progress) {
        for (record, future) in self.running.iter_mut().filter_map(Option::take) {
            contain(|| drop(future));
            let message = "the record was still running shortly before the deadline, and its future was dropped";
            progress.end(record, Err(Error::runtime("Function.RecordCancelled", message.to_owned())));
        }
    }
}

impl fmt::Debug for Slots<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").field("free", &self.free).finish_non_exhaustive()
    }
}
