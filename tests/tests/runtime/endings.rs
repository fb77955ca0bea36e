//! The end of a process with several pollers: invocations in flight are answered first.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use mayfly_tests::{Delivery, Exit, Posted, Process, Profile, REQUEST_ID, Request, RuntimeApi, odd};
use serde_json::json;

const POLLERS: u64 = 4;
const HANDLERS: [&str; 2] = ["odd::crowd::asynchronous", "odd::crowd::blocking"];
/// The profiles in which panics unwind and abort.
const PROFILES: [Profile; 2] = [Profile::Debug, Profile::Release];
const DEADLINE: &str = "Lambda-Runtime-Deadline-Ms";

/// The fate of every poll from some moment on.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Closed,
    Reset,
    Garbled,
    /// The connection is closed in the middle of the event.
    BrokenOff,
    Nameless,
    Status(u16),
}

const FAULTS: [Fault; 9] = [
    Fault::Closed,
    Fault::Reset,
    Fault::Garbled,
    Fault::BrokenOff,
    Fault::Nameless,
    Fault::Status(302),
    Fault::Status(403),
    Fault::Status(410),
    Fault::Status(500),
];

impl Fault {
    fn happen_to(self, poll: &Request) {
        assert_eq!(poll.method, "GET", "{poll:?}");
        match self {
            Self::Closed => poll.close(),
            Self::Reset => poll.reset(),
            Self::Garbled => poll.send("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
            Self::BrokenOff => {
                poll.send(order(9, 0).head());
                poll.close();
            }
            Self::Nameless => poll.hand_out(&order(9, 0).without(REQUEST_ID)),
            Self::Status(status) => poll.respond(status, r#"{"errorType":"NoMore"}"#),
        }
    }

    /// Whether the function repeats the poll once over another connection.
    fn is_lost(self) -> bool {
        matches!(self, Self::Closed | Self::Reset | Self::Garbled | Self::BrokenOff)
    }

    /// Returns the reason that the process must log at its end.
    fn reason(self) -> String {
        match self {
            Self::Nameless => "without a request id".to_owned(),
            Self::Status(status) => format!("/invocation/next: {status} Whatever {{\"errorType\":\"NoMore\"}}"),
            _ => "the Runtime API is gone: failed to GET http://".to_owned(),
        }
    }
}

fn start(api: &RuntimeApi, handler: &str, profile: Profile) -> Process {
    let launch = Process::of(&odd(profile, "odd")).handler(handler).api(api);
    launch.env("AWS_LAMBDA_MAX_CONCURRENCY", &POLLERS.to_string()).start()
}

fn order(number: u64, pause_ms: u64) -> Delivery {
    Delivery::new(json!({ "number": number, "pause_ms": pause_ms }).to_string())
}

/// A process with all of its pollers waiting.
struct Waiting {
    api: RuntimeApi,
    process: Process,
    polls: Vec<Request>,
}

impl Waiting {
    fn start(handler: &str, profile: Profile) -> Self {
        let api = RuntimeApi::start();
        let process = start(&api, handler, profile);
        let polls = (0..POLLERS).map(|_| api.next()).collect();
        Self { api, process, polls }
    }

    /// Hands an order to a waiting poller.
    fn hand_out(&mut self, delivery: &Delivery) {
        self.polls.remove(0).hand_out(delivery);
    }

    /// Waits for the end while every poll meets that fault; returns the numbers of the replies, the number of polls,
    /// and the exit.
    fn end(self, fault: Fault) -> (BTreeSet<u64>, usize, Exit) {
        let (mut replies, mut polls) = (BTreeSet::new(), 0);
        let Self { api, mut process, .. } = self;
        while process.is_running() {
            let Some(request) = api.request_within(Duration::from_millis(20)) else { continue };
            if request.method == "GET" {
                polls += 1;
                fault.happen_to(&request);
            } else {
                let reply = Posted::from(request);
                assert!(reply.is_post_to("/response"), "{reply:?}");
                assert!(replies.insert(reply.json()["number"].as_u64().expect("it is a number")), "{reply:?}");
                reply.accept();
            }
        }
        (replies, polls, process.exit())
    }
}

/// Runs a check for both kinds of handlers and of panics in parallel, since it mostly waits.
fn in_all_kinds(check: impl Fn(&str, Profile) + Sync) {
    let check = &check;
    thread::scope(|scope| {
        for handler in HANDLERS {
            for profile in PROFILES {
                scope.spawn(move || check(handler, profile));
            }
        }
    });
}

#[test]
fn however_a_poller_ends_the_replies_of_the_others_arrive() {
    in_all_kinds(|handler, profile| {
        for fault in FAULTS {
            let mut waiting = Waiting::start(handler, profile);
            for number in 1..POLLERS {
                waiting.hand_out(&order(number, 300 + 100 * number));
            }
            fault.happen_to(&waiting.polls.remove(0));
            let (replies, polls, exit) = waiting.end(fault);
            let shown = format!("{handler}, {profile:?}, {fault:?}: {}", exit.log);
            assert_eq!(replies, BTreeSet::from([1, 2, 3]), "{shown}");
            assert_eq!(exit.code, Some(1), "{shown}");
            assert!(exit.log.contains(&fault.reason()), "{shown}");
            let repeated = if fault.is_lost() {
                1
            } else if matches!(fault, Fault::Nameless) {
                9
            } else {
                0
            };
            assert_eq!(polls, repeated, "a poll after the end had begun: {shown}");
        }
    });
}

#[test]
fn a_refused_reply_that_ends_a_poller_does_not_end_the_others() {
    in_all_kinds(|handler, profile| {
        let mut waiting = Waiting::start(handler, profile);
        for number in 0..POLLERS {
            waiting.hand_out(&order(number, 400 * number));
        }
        let first = waiting.api.posted();
        assert_eq!(first.json()["number"], 0);
        first.respond(502, r#"{"errorType":"NoMore"}"#);
        let (replies, polls, exit) = waiting.end(Fault::Closed);
        assert_eq!((replies, polls), (BTreeSet::from([1, 2, 3]), 0), "{}", exit.log);
        assert_eq!(exit.code, Some(1), "{}", exit.log);
        assert!(exit.log.contains("failed to POST") && exit.log.contains("502"), "{}", exit.log);
    });
}

#[test]
fn an_event_handed_out_after_the_end_has_begun_is_answered_too() {
    in_all_kinds(|handler, profile| {
        let mut waiting = Waiting::start(handler, profile);
        waiting.hand_out(&order(1, 1_000));
        Fault::Status(500).happen_to(&waiting.polls.remove(0));
        let log = waiting.process.wait_for_log("the process ends when all invocations in flight are answered: ");
        assert!(log.contains("NoMore"), "{log}");
        waiting.hand_out(&order(2, 1_500));
        let (replies, polls, exit) = waiting.end(Fault::Closed);
        assert_eq!((replies, polls), (BTreeSet::from([1, 2]), 0), "{}", exit.log);
        assert_eq!(exit.code, Some(1), "{}", exit.log);
    });
}

#[test]
fn errors_and_panics_are_still_reported_at_the_end() {
    for handler in HANDLERS {
        let mut waiting = Waiting::start(handler, Profile::Debug);
        for (member, number) in [("fail", 1), ("explode", 2)] {
            let mut order = json!({ "number": number, "pause_ms": 300 });
            order[member] = true.into();
            waiting.hand_out(&Delivery::new(order.to_string()));
        }
        Fault::Status(500).happen_to(&waiting.polls.remove(0));
        let reported: BTreeSet<_> = (0..2)
            .map(|_| {
                let error = waiting.api.posted();
                assert!(error.is_post_to("/error"), "{error:?}");
                error.accept();
                error.text("errorType")
            })
            .collect();
        assert_eq!(reported, BTreeSet::from(["Failed".to_owned(), "Runtime.HandlerPanic".to_owned()]));
        assert_eq!(waiting.process.exit().code, Some(1));
    }
}

#[test]
fn an_invocation_beyond_its_deadline_does_not_hold_the_process() {
    in_all_kinds(|handler, profile| {
        // The deadline passes before the end begins, or after it.
        for begins_late in [true, false] {
            let mut waiting = Waiting::start(handler, profile);
            let late = order(1, 3_600_000).deadline_in(Duration::from_millis(if begins_late { 100 } else { 1_000 }));
            waiting.hand_out(&late);
            waiting.hand_out(&order(2, 500).deadline_in(Duration::from_secs(60)));
            if begins_late {
                thread::sleep(Duration::from_millis(200));
            }
            Fault::Status(500).happen_to(&waiting.polls.remove(0));
            let (replies, _, exit) = waiting.end(Fault::Closed);
            assert_eq!(replies, BTreeSet::from([2]), "{}", exit.log);
            assert_eq!(exit.code, Some(1), "{}", exit.log);
            let line = format!("invocation {} is still running past its deadline", late.id());
            assert!(exit.log.contains(&line), "{}", exit.log);
        }
    });
}

/// Some emulators send no deadline, one long past, or one that is not a time.
#[test]
fn an_invocation_without_a_valid_deadline_is_waited_for() {
    in_all_kinds(|handler, profile| {
        for deadline in ["600000", "", "soon"] {
            let mut waiting = Waiting::start(handler, profile);
            waiting.hand_out(&order(1, 400).with(DEADLINE, deadline));
            waiting.hand_out(&order(2, 400).with(DEADLINE, "18446744073709551615"));
            waiting.hand_out(&order(3, 400).without(DEADLINE));
            Fault::Status(500).happen_to(&waiting.polls.remove(0));
            let (replies, _, exit) = waiting.end(Fault::Closed);
            assert_eq!(replies, BTreeSet::from([1, 2, 3]), "{}", exit.log);
            assert_eq!(exit.code, Some(1), "{}", exit.log);
        }
    });
}

#[test]
fn a_poll_that_is_lost_once_is_harmless() {
    in_all_kinds(|handler, profile| {
        for fault in FAULTS.into_iter().filter(|fault| fault.is_lost()) {
            let mut waiting = Waiting::start(handler, profile);
            waiting.hand_out(&order(1, 300));
            let lost = waiting.polls.remove(0);
            fault.happen_to(&lost);
            let again = waiting.api.next();
            assert_ne!(again.connection, lost.connection, "{fault:?}");
            again.hand_out(&order(2, 0));
            let mut replied = BTreeSet::new();
            while replied.len() < 2 {
                let request = waiting.api.request();
                if request.is_post_to("/response") {
                    let reply = Posted::from(request);
                    replied.insert(reply.json()["number"].as_u64());
                    reply.accept();
                }
            }
            assert!(waiting.process.is_running(), "{fault:?}");
        }
    });
}
