//! Faults of a poll by which no event may be lost.

use std::thread;
use std::time::Duration;

use mayfly_tests::{Delivery, NEXT, Process, REQUEST_ID, Request};
use rand::RngExt;
use rand::seq::IndexedRandom;

use crate::Script;
use crate::orders::Order;

#[derive(Clone, Copy, Debug)]
enum Fault {
    Nothing,
    Empty(u16),
    Lose,
    Truncate,
    Nameless,
    Split,
    Stall,
    LastOfItsConnection,
    /// The connection is closed without notice while the function works.
    ClosedMeanwhile,
}

const FAULTS: [Fault; 10] = [
    Fault::Nothing,
    Fault::Empty(204),
    Fault::Empty(408),
    Fault::Lose,
    Fault::Truncate,
    Fault::Nameless,
    Fault::Split,
    Fault::Stall,
    Fault::LastOfItsConnection,
    Fault::ClosedMeanwhile,
];

/// The number of events in a row without a request id that the function must tolerate.
const NAMELESS: usize = 5;

impl Script {
    /// Waits for a poll.
    pub(crate) fn poll(&mut self) -> Request {
        let (poll, _) = self.request();
        assert_eq!((poll.method.as_str(), poll.path.as_str()), ("GET", NEXT), "{poll:?}");
        poll
    }

    /// Breaks polls until the event is handed out, and returns the numbers of threads and of descriptors that the
    /// process had while it polled.
    pub(crate) fn hand_out(&mut self, process: &Process, Order { delivery, .. }: &Order) -> (usize, usize) {
        let bytes = [delivery.head(), delivery.payload()].concat();
        let mut nameless = 0;
        loop {
            let poll = self.poll();
            let held = (process.threads(), process.descriptors().len());
            let may_be_lost = !std::mem::take(&mut self.poll_was_lost);
            match *FAULTS.choose(&mut self.random).expect("the list is not empty") {
                Fault::Empty(204) => poll.send("HTTP/1.1 204 No Content\r\n\r\n"),
                Fault::Empty(status) => poll.respond(status, "nothing to do"),
                // Two losses in a row end the process.
                Fault::Lose if may_be_lost => {
                    self.poll_was_lost = true;
                    self.lose(&poll);
                }
                Fault::Truncate if may_be_lost => {
                    self.poll_was_lost = true;
                    poll.send(&bytes[..self.random.random_range(0..bytes.len() - 2)]);
                    self.lose(&poll);
                }
                Fault::Nameless if nameless < NAMELESS => {
                    nameless += 1;
                    poll.hand_out(&Delivery::json("{}").without(REQUEST_ID));
                }
                Fault::Split => {
                    let size = self.random.random_range(1..bytes.len());
                    poll.send_in_packets(bytes.chunks(size.max(bytes.len() / 20)));
                    return held;
                }
                Fault::Stall => {
                    let (first, rest) = bytes.split_at(self.random.random_range(0..bytes.len()));
                    poll.send(first);
                    thread::sleep(Duration::from_millis(20));
                    poll.send(rest);
                    return held;
                }
                fault @ (Fault::LastOfItsConnection | Fault::ClosedMeanwhile) => {
                    let is_said = matches!(fault, Fault::LastOfItsConnection);
                    poll.hand_out(&if is_said {
                        delivery.clone().header("Connection", "close")
                    } else {
                        delivery.clone()
                    });
                    poll.close();
                    self.closed.insert(poll.connection);
                    return held;
                }
                _ => {
                    poll.hand_out(delivery);
                    return held;
                }
            }
        }
    }
}
