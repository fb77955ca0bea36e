//! Faults of a post that the function must survive.

use std::thread;
use std::time::Duration;

use mayfly_tests::Posted;
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
    /// The post is lost after that many bytes of the response; a second one gets the status.
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
    /// Takes the post for an order, responds with a fault, and returns the post.
    pub(crate) fn take_post(&mut self, order: &Order) -> Posted {
        let (posted, is_reused) = self.posted_for(order);
        match *FAULTS.choose(&mut self.random).expect("the list is not empty") {
            Fault::Nothing => posted.accept(),
            Fault::NoContent => posted.send("HTTP/1.1 204 No Content\r\n\r\n"),
            Fault::Status(status) => posted.respond(status, r#"{"errorType":"Rejected","errorMessage":"no"}"#),
            Fault::Lost(sent, status) => {
                posted.send(&ACCEPTED[..sent]);
                self.lose(&posted);
                // Over a fresh connection it is not repeated, since that was not closed while idle.
                if is_reused {
                    let (again, _) = self.posted_for(order);
                    assert_eq!((&again.path, &again.body), (&posted.path, &posted.body), "the second try");
                    again.respond(status, "{}");
                }
            }
            Fault::LastOfItsConnection => {
                posted.send("HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
                posted.close();
                self.closed.insert(posted.connection);
            }
            Fault::ClosedInIdleness => {
                posted.accept();
                self.closed.insert(posted.connection);
                self.poll_was_lost = true;
                thread::sleep(Duration::from_millis(self.random.random_range(0..3)));
                posted.close();
            }
            Fault::Split => posted.send_in_packets(ACCEPTED.chunks(9)),
            Fault::Stall => {
                let (first, rest) = ACCEPTED.split_at(self.random.random_range(0..ACCEPTED.len()));
                posted.send(first);
                thread::sleep(Duration::from_millis(20));
                posted.send(rest);
            }
        }
        posted
    }

    /// Waits for the post for an order and returns it with whether its connection was in use before.
    pub(crate) fn posted_for(&mut self, order: &Order) -> (Posted, bool) {
        let (request, is_reused) = self.request();
        let posted = Posted::from(request);
        let invocation = format!("/2018-06-01/runtime/invocation/{}/", order.delivery.id());
        assert!(posted.path.starts_with(&invocation), "{invocation}: {posted:?}");
        (posted, is_reused)
    }
}
