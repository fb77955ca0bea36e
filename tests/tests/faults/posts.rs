//! What can go wrong with an answer, after which the function must go on.

use std::thread;
use std::time::Duration;

use mayfly_tests::Request;
use rand::RngExt;
use rand::seq::IndexedRandom;

use crate::Script;
use crate::orders::Order;

const ACCEPTED: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"status\":\"OK\"}\r\n0\r\n\r\n";

#[derive(Clone, Copy, Debug)]
enum Fault {
    Nothing,
    NoContent,
    Status(u16),
    /// Lost with that much of the answer to it; a second try gets the status.
    Lost(usize, u16),
    LastOfItsConnection,
    ClosedInIdleness,
    Split,
    Stall,
}

const FAULTS: [Fault; 24] = [
    Fault::Nothing,
    Fault::NoContent,
    Fault::Status(200),
    Fault::Status(201),
    Fault::Status(302),
    Fault::Status(400),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(405),
    Fault::Status(408),
    Fault::Status(410),
    Fault::Status(413),
    Fault::Lost(0, 202),
    Fault::Lost(0, 400),
    Fault::Lost(0, 403),
    Fault::Lost(0, 410),
    Fault::Lost(0, 413),
    Fault::Lost(20, 202),
    Fault::Lost(60, 403),
    Fault::LastOfItsConnection,
    Fault::ClosedInIdleness,
    Fault::ClosedInIdleness,
    Fault::Split,
    Fault::Stall,
];

impl Script {
    /// Takes the answer to an order, with a fault, and returns it.
    pub(crate) fn take_answer(&mut self, order: &Order) -> Request {
        let (answer, is_reused) = self.answer_to(order);
        match *FAULTS.choose(&mut self.random).expect("there are some") {
            Fault::Nothing => answer.accept(),
            Fault::NoContent => answer.send("HTTP/1.1 204 No Content\r\n\r\n"),
            Fault::Status(status) => answer.answer(status, r#"{"errorType":"Rejected","errorMessage":"no"}"#),
            Fault::Lost(sent, status) => {
                answer.send(&ACCEPTED[..sent]);
                self.lose(&answer);
                // Over a fresh connection it is not tried again: it had hardly been closed in idleness.
                if is_reused {
                    let (again, _) = self.answer_to(order);
                    assert_eq!((&again.path, &again.body), (&answer.path, &answer.body), "the second try");
                    again.answer(status, "{}");
                }
            }
            Fault::LastOfItsConnection => {
                answer.send("HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
                answer.close();
                self.closed.insert(answer.connection);
            }
            Fault::ClosedInIdleness => {
                answer.accept();
                self.closed.insert(answer.connection);
                self.poll_was_lost = true;
                thread::sleep(Duration::from_millis(self.random.random_range(0..3)));
                answer.close();
            }
            Fault::Split => answer.send_in_packets(ACCEPTED.chunks(9)),
            Fault::Stall => {
                let (first, rest) = ACCEPTED.split_at(self.random.random_range(0..ACCEPTED.len()));
                answer.send(first);
                thread::sleep(Duration::from_millis(20));
                answer.send(rest);
            }
        }
        answer
    }

    /// Waits for an answer, and says whether its connection had been in use before.
    pub(crate) fn answer_to(&mut self, order: &Order) -> (Request, bool) {
        let (answer, is_reused) = self.request();
        let invocation = format!("/2018-06-01/runtime/invocation/{}/", order.event.id());
        assert!(answer.method == "POST" && answer.path.starts_with(&invocation), "{invocation}: {answer:?}");
        (answer, is_reused)
    }
}
