//! Whatever the runtime waits for, the tasks that the user's code has spawned go on.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use mayfly_tests::{Api, Event, Function, Profile, odd};
use socket2::{Domain, Socket, Type};

/// How long each wait is made to last. A sleep is the matter of these tests.
const WAIT: Duration = Duration::from_millis(500);
/// How often the heart must have beaten meanwhile: it would a hundred times on a machine that has nothing else to do. Tasks
/// that are driven only between two pauses get to no more than twenty.
const BEATS: u64 = 30;

const BOTH: [&str; 2] = ["odd::background::beats", "odd::background::beats_sync"];

fn start(handler: &str, address: SocketAddr) -> Function {
    let launch = Function::of(&odd(Profile::Debug, "odd")).handler(handler);
    launch.env("AWS_LAMBDA_RUNTIME_API", &address.to_string()).start()
}

/// Makes the function wait.
type Wait = fn(&Api);

/// How often the heart has beaten so far.
fn beats(api: &Api) -> u64 {
    api.reply(&Event::json("0")).json()["beats"].as_u64().expect("it is a number")
}

#[test]
fn tasks_go_on_in_every_wait_of_a_connection() {
    let waits: [(&str, Wait); 6] = [
        ("a held poll", |api| {
            let poll = api.next();
            thread::sleep(WAIT);
            poll.answer(408, "");
        }),
        ("polls that get 204", |api| answer_polls(api, "HTTP/1.1 204 No Content\r\n\r\n")),
        ("polls that get 408", |api| answer_polls(api, "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n")),
        ("an event that stalls", |api| {
            let (poll, event) = (api.next(), Event::json("[0]"));
            poll.send(event.head());
            poll.send("[");
            thread::sleep(WAIT);
            poll.send("0]");
            api.answer_to(&event).accept();
        }),
        ("the answer to a reply", |api| {
            let reply = api.ask(&Event::json("0"));
            thread::sleep(WAIT);
            reply.accept();
        }),
        ("a reply that is not read", |api| {
            api.leave_unread_above(1 << 20);
            let reply = api.ask(&Event::json("20000000"));
            thread::sleep(WAIT);
            reply.answer(413, "{}");
        }),
    ];
    for handler in BOTH {
        let api = Api::start();
        let _function = start(handler, api.address());
        for (wait, happens) in waits {
            let before = beats(&api);
            happens(&api);
            let beaten = beats(&api) - before;
            assert!(beaten > BEATS, "{handler}, {wait}: {beaten}");
        }
    }
}

fn answer_polls(api: &Api, answer: &str) {
    let start = Instant::now();
    while start.elapsed() < WAIT {
        api.next().send(answer);
    }
}

#[test]
fn tasks_go_on_while_nobody_listens_yet() {
    for handler in BOTH {
        let early = Api::start();
        early.stop_listening();
        let _function = start(handler, early.address());
        thread::sleep(WAIT);
        let beaten = beats(&Api::start_on(&early.address().to_string()));
        assert!(beaten > BEATS, "{handler}: {beaten}");
    }
}

/// A server whose queue is full drops what a client sends to connect, and the client tries again after a second.
#[test]
fn tasks_go_on_while_a_connection_is_neither_taken_nor_refused() {
    for handler in BOTH {
        let (full, address) = full_listener();
        let _first = TcpStream::connect(address).expect("there is room for one");
        let function = start(handler, address);
        thread::sleep(WAIT);
        function.wait_until_idle();
        drop(full);
        let beaten = beats(&Api::start_on(&address.to_string()));
        assert!(beaten > BEATS, "{handler}: {beaten}");
    }
}

fn full_listener() -> (TcpListener, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there is a descriptor left");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("there is a free port");
    socket.listen(0).expect("it is bound");
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().expect("a listener has an address");
    (listener, address)
}
