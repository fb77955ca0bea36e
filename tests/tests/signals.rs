//! SIGTERM, SIGSTOP and SIGKILL, wherever a function happens to be.

use std::time::Duration;

use mayfly_tests::{Api, Event, Function, Profile, greeter, odd};

const SIGTERM: i32 = 15;

#[test]
fn sigterm_ends_the_process_in_every_state() {
    for handler in ["odd::crowd::asynchronous", "odd::crowd::blocking"] {
        for state in ["waiting", "handling", "answering"] {
            let api = Api::start();
            let function = Function::of(&odd(Profile::Debug, "odd")).handler(handler).api(&api).start();
            let poll = api.next();
            let pause = if state == "handling" { 60_000 } else { 0 };
            let event = Event::new(format!(r#"{{"number":1,"pause_ms":{pause}}}"#));
            if state != "waiting" {
                poll.hand_out(&event);
            }
            let _unanswered = (state == "answering").then(|| api.answer_to(&event));
            function.wait_until_idle();
            function.terminate();
            assert_eq!(function.exit().signal, Some(SIGTERM), "{handler} while {state}");
        }
    }
}

/// Lambda freezes a process between invocations for as long as it likes.
#[test]
fn a_frozen_process_goes_on_where_it_was() {
    for handler in ["greeter::greet", "greeter::greet_sync"] {
        let api = Api::start();
        let function = Function::of(&greeter(Profile::Release)).handler(handler).api(&api).start();
        let _first = api.reply(&Event::json("{}"));
        let poll = api.next();
        function.wait_until_idle();
        function.freeze();
        let event = Event::json(r#"{"name":"Ada"}"#);
        poll.hand_out(&event);
        assert!(api.request_within(Duration::from_millis(300)).is_none(), "a frozen process answers nothing");
        function.thaw();
        let answer = api.answer_to(&event);
        assert_eq!(answer.json()["message"], "Hello, Ada!");
        answer.accept();
        let _waiting = api.next();
    }
}
