//! What can go wrong with the last words of a process: it ends all the same, and says them once.

use std::time::{Duration, Instant};

use mayfly_tests::{Api, Event, Exit, Function, Profile, Request, odd};

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
    fn happen_to(self, request: &Request) {
        match self {
            Self::Status(204) => request.send("HTTP/1.1 204 No Content\r\n\r\n"),
            Self::Status(status) => request.answer(status, r#"{"errorType":"Whatever"}"#),
            Self::Close => request.close(),
            Self::Reset => request.reset(),
            Self::Truncate => {
                request.send("HTTP/1.1 202 Accep");
                request.close();
            }
            Self::StallAndGoOn => {
                std::thread::sleep(Duration::from_millis(300));
                request.accept();
            }
        }
    }
}

/// Waits for the end of a process, which asks for nothing more.
fn end(api: &Api, function: Function, fault: Fault) -> Exit {
    let exit = function.exit();
    assert!(api.request_within(Duration::from_millis(20)).is_none(), "{fault:?}: {}", exit.log);
    exit
}

#[test]
fn an_init_error_ends_the_process_whatever_becomes_of_it() {
    for (handler, message) in [
        ("odd::states::fails", "the database is closed"),
        ("odd::states::panics_later", "the database exploded later"),
        ("odd::nowhere", "odd::nowhere"),
    ] {
        for profile in [Profile::Debug, Profile::Release] {
            for fault in FAULTS {
                let api = Api::start();
                let function = Function::of(&odd(profile, "odd")).handler(handler).api(&api).start();
                let request = api.request();
                assert!(request.is_post_to("/init/error"), "{request:?}");
                assert!(request.text("errorMessage").contains(message), "{request:?}");
                fault.happen_to(&request);
                let exit = end(&api, function, fault);
                assert_eq!(exit.code, Some(1), "{fault:?}: {}", exit.log);
                assert!(exit.log.contains(message), "{fault:?}: {}", exit.log);
            }
        }
    }
}

#[test]
fn a_panic_that_aborts_ends_the_process_whatever_becomes_of_its_report() {
    for handler in ["odd::panics::asynchronous", "odd::panics::sync"] {
        for fault in FAULTS {
            let api = Api::start();
            let function = Function::of(&odd(Profile::Release, "odd")).handler(handler).api(&api).start();
            let error = api.ask(&Event::json("true"));
            assert_eq!(error.text("errorType"), "Runtime.HandlerPanic");
            fault.happen_to(&error);
            let exit = end(&api, function, fault);
            assert_eq!(exit.signal, Some(SIGABRT), "{fault:?}: {}", exit.log);
            assert!(exit.log.contains("kettle exploded"), "{fault:?}: {}", exit.log);
        }
    }
}

#[test]
fn a_server_that_never_answers_does_not_keep_an_aborting_process() {
    let api = Api::start();
    let function = Function::of(&odd(Profile::Release, "odd")).handler("odd::panics::sync").api(&api).start();
    let start = Instant::now();
    let _unanswered = api.ask(&Event::json("true"));
    let exit = function.exit();
    assert_eq!(exit.signal, Some(SIGABRT), "{}", exit.log);
    // It waits for two seconds; the rest is for a slow machine.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(exit.log.contains("could not be reported"), "{}", exit.log);
}
