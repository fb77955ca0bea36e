//! Faults of the last report of a process: it still ends, and reports only once.

use std::thread;
use std::time::{Duration, Instant};

use mayfly_tests::{Delivery, Exit, INIT_ERROR, Posted, Process, Profile, RuntimeApi, odd};

use crate::stalls::PARTS;

const SIGABRT: i32 = 6;

#[derive(Clone, Copy, Debug)]
enum Fault {
    Status(u16),
    Close,
    Reset,
    Truncate,
    StallAndGoOn,
}

const FAULTS: [Fault; 13] = [
    Fault::Status(200),
    Fault::Status(202),
    Fault::Status(204),
    Fault::Status(400),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(410),
    Fault::Status(413),
    Fault::Status(500),
    Fault::Close,
    Fault::Reset,
    Fault::Truncate,
    Fault::StallAndGoOn,
];

impl Fault {
    fn happen_to(self, report: &Posted) {
        match self {
            Self::Status(204) => report.send("HTTP/1.1 204 No Content\r\n\r\n"),
            Self::Status(status) => report.respond(status, r#"{"errorType":"Whatever"}"#),
            Self::Close => report.close(),
            Self::Reset => report.reset(),
            Self::Truncate => {
                report.send("HTTP/1.1 202 Accep");
                report.close();
            }
            Self::StallAndGoOn => {
                thread::sleep(Duration::from_millis(300));
                report.accept();
            }
        }
    }
}

/// Waits for the end of a process, which must send no further request.
fn end(api: &RuntimeApi, process: Process, fault: Fault) -> Exit {
    let exit = process.exit();
    assert!(api.request_within(Duration::from_millis(20)).is_none(), "{fault:?}: {}", exit.log);
    exit
}

#[test]
fn an_init_error_ends_the_process_however_the_service_responds() {
    for (handler, message) in [
        ("odd::states::fails", "the database is closed"),
        ("odd::states::panics_later", "the database exploded later"),
        ("odd::nowhere", "odd::nowhere"),
    ] {
        for profile in [Profile::Debug, Profile::Release] {
            for fault in FAULTS {
                let api = RuntimeApi::start();
                let process = Process::of(&odd(profile, "odd")).handler(handler).api(&api).start();
                let report = api.posted();
                assert!(report.is_post_to("/init/error"), "{report:?}");
                assert!(report.text("errorMessage").contains(message), "{report:?}");
                fault.happen_to(&report);
                let exit = end(&api, process, fault);
                assert_eq!(exit.code, Some(1), "{fault:?}: {}", exit.log);
                assert!(exit.log.contains(message), "{fault:?}: {}", exit.log);
            }
        }
    }
}

#[test]
fn a_panic_that_aborts_ends_the_process_however_the_service_responds() {
    for handler in ["odd::panics::asynchronous", "odd::panics::sync"] {
        for fault in FAULTS {
            let api = RuntimeApi::start();
            let process = Process::of(&odd(Profile::Release, "odd")).handler(handler).api(&api).start();
            let error = api.deliver(&Delivery::json("true"));
            assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
            fault.happen_to(&error);
            let exit = end(&api, process, fault);
            assert_eq!(exit.signal, Some(SIGABRT), "{fault:?}: {}", exit.log);
            assert!(exit.log.contains("kettle exploded"), "{fault:?}: {}", exit.log);
        }
    }
}

/// Starts a process whose last report gets only that part of a response, and asserts that it ends nevertheless.
fn end_without_response(profile: Profile, handler: &str, path: &str, part: &str) {
    let api = RuntimeApi::start();
    let process = Process::of(&odd(profile, "odd")).handler(handler).api(&api).start();
    if path != INIT_ERROR {
        api.next().hand_out(&Delivery::json("true"));
    }
    let report = api.posted();
    assert!(report.is_post_to(path), "{handler}: {report:?}");
    report.send(part);
    let start = Instant::now();
    let exit = process.exit();
    let shown = format!("{profile:?}, {handler}, {part:?}: {}", exit.log);
    // It waits for two seconds; the rest allows for a slow machine.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}, {shown}", start.elapsed());
    let end = if path == INIT_ERROR { (Some(1), None) } else { (None, Some(SIGABRT)) };
    assert_eq!((exit.code, exit.signal), end, "{shown}");
    // For the report of an abort, the first byte of a response is enough.
    let is_answered = !part.is_empty() && profile == Profile::Release && handler.starts_with("odd::panics");
    assert_eq!(exit.log.contains("the Runtime API did not answer in time (at most 2 s)"), !is_answered, "{shown}");
    assert!(exit.log.contains(&report.text("errorMessage")) || exit.log.contains(" exploded"), "{shown}");
    assert!(api.request_within(Duration::from_millis(20)).is_none(), "{shown}");
}

#[test]
fn a_server_that_never_responds_does_not_hold_up_the_end_of_a_process() {
    thread::scope(|scope| {
        for part in PARTS {
            for (profile, handler, path) in [
                (Profile::Debug, "odd::nowhere", INIT_ERROR),
                (Profile::Debug, "odd::states::fails_later", INIT_ERROR),
                (Profile::Debug, "odd::states::panics", INIT_ERROR),
                (Profile::Release, "odd::states::fails", INIT_ERROR),
                (Profile::Release, "odd::panics::sync", "/error"),
            ] {
                scope.spawn(move || end_without_response(profile, handler, path, part));
            }
        }
    });
}
