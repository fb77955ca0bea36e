//! Passes every connection on to the server at the address that is its only argument: a server that can be killed.
//!
//! It prints where it listens.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

fn main() -> io::Result<()> {
    let server = std::env::args().nth(1).expect("the address of the server is the argument");
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    for client in listener.incoming() {
        let (client, server) = (Arc::new(client?), Arc::new(TcpStream::connect(&server)?));
        for (from, to) in [(Arc::clone(&client), Arc::clone(&server)), (server, client)] {
            thread::spawn(move || {
                // An end of either kind is passed on as the end of the stream.
                let _ = io::copy(&mut &*from, &mut &*to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
    }
    Ok(())
}
