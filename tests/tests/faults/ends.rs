//! Faults that end the process, and the message that it must log.

use mayfly_tests::{Delivery, Profile, REQUEST_ID};

use crate::Script;
use crate::orders::Order;

#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    PollRejected(u16),
    PostRejected(u16),
    /// Two polls in a row are lost.
    PollLost,
    Nameless,
    ServiceGone,
}

pub(crate) const ENDS: [End; 13] = [
    End::PollRejected(400),
    End::PollRejected(403),
    End::PollRejected(404),
    End::PollRejected(405),
    End::PollRejected(410),
    End::PollRejected(413),
    End::PollRejected(500),
    End::PollRejected(503),
    End::PostRejected(500),
    End::PostRejected(502),
    End::PollLost,
    End::Nameless,
    End::ServiceGone,
];

impl Script {
    /// Brings the process to that end and returns the message that it must log.
    pub(crate) fn end(&mut self, end: End, profile: Profile) -> String {
        match end {
            End::PollRejected(status) => {
                self.poll().respond(status, r#"{"errorType":"NoMore"}"#);
                format!("failed to GET http://{}/2018-06-01/runtime/invocation/next: {status}", self.api.address())
            }
            End::PostRejected(status) => {
                let order = Order::new(&mut self.random, 0, profile, None);
                self.poll().hand_out(&order.delivery);
                self.posted_for(&order).0.respond(status, r#"{"errorType":"NoMore"}"#);
                format!("failed to POST /2018-06-01/runtime/invocation/{}/", order.delivery.id())
            }
            End::PollLost => {
                for _ in usize::from(self.poll_was_lost)..2 {
                    let poll = self.poll();
                    self.lose(&poll);
                }
                "the Runtime API is gone".to_owned()
            }
            End::Nameless => {
                for _ in 0..10 {
                    self.poll().hand_out(&Delivery::json("{}").without(REQUEST_ID));
                }
                "without a request id".to_owned()
            }
            End::ServiceGone => {
                let poll = self.poll();
                self.api.stop_listening();
                self.lose(&poll);
                "the Runtime API is gone".to_owned()
            }
        }
    }
}
