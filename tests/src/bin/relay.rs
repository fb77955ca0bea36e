//! `relay`: a server that a test can kill. It forwards every connection to the address that is its only argument.
//!
//! It prints the address that it listens on.

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
                // The end of a connection, clean or not, becomes the end of the stream.
                let _ = io::copy(&mut &*from, &mut &*to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
    }
    Ok(())
}
