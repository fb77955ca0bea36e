//! Tasks that the user's code has spawned run while the runtime waits for the service.

use std::net::{SocketAddr, TcpListener, TcpStream};

use mayfly_tests::{Delivery, Process, Profile, RuntimeApi, odd, until};
use socket2::{Domain, Socket, Type};

const BOTH: [&str; 2] = ["odd::background::beats", "odd::background::beats_sync"];

/// A process with a task that counts its beats.
struct Living(Process);

impl Living {
    fn start(handler: &str, address: SocketAddr) -> Self {
        let launch = Process::of(&odd(Profile::Debug, "odd")).handler(handler);
        Self(launch.env("AWS_LAMBDA_RUNTIME_API", &address.to_string()).start())
    }

    fn beats(&self) -> usize {
        self.0.log().matches("beat").count()
    }

    /// Waits until the task has made progress.
    fn lives_on(&self, place: &str) {
        let before = self.beats();
        until(&format!("ten beats in {place}"), || (self.beats() >= before + 10).then_some(()));
    }
}

#[test]
fn tasks_run_while_the_server_is_silent() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        let living = Living::start(handler, api.address());
        let poll = api.next();
        living.lives_on("a held poll");

        let delivery = Delivery::json("[0]");
        poll.send(delivery.head());
        poll.send("[");
        living.lives_on("an event that stalls");
        poll.send("0]");
        let error = api.posted_for(&delivery);
        living.lives_on("the answer to a report");
        error.accept();

        let reply = api.deliver(&Delivery::json("0"));
        living.lives_on("the answer to a reply");
        reply.accept();

        api.leave_unread_above(1 << 20);
        let _unread = api.deliver(&Delivery::json("20000000"));
        living.lives_on("a reply that is not read");
    }
}

/// A task that only the poll itself drives makes one or two beats a poll.
#[test]
fn tasks_run_between_two_polls() {
    for handler in BOTH {
        for posted in ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"] {
            let api = RuntimeApi::start();
            let living = Living::start(handler, api.address());
            let mut poll = api.next();
            until("a pause with ten beats", || {
                let before = living.beats();
                poll.send(posted);
                poll = api.next();
                (living.beats() >= before + 10).then_some(())
            });
        }
    }
}

#[test]
fn tasks_run_while_no_server_listens_yet() {
    for handler in BOTH {
        let api = RuntimeApi::start();
        api.stop_listening();
        Living::start(handler, api.address()).lives_on("the tries to connect");
    }
}

/// A server with a full queue drops the packets that ask for a connection.
#[test]
fn tasks_run_while_a_connection_is_neither_accepted_nor_refused() {
    for handler in BOTH {
        let (_full, address) = full_listener();
        let _first = TcpStream::connect(address).expect("there is room for one");
        Living::start(handler, address).lives_on("a connection that is not taken");
    }
}

fn full_listener() -> (TcpListener, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a descriptor is free");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("there is a free port");
    socket.listen(0).expect("it is bound");
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().expect("a listener has an address");
    (listener, address)
}
