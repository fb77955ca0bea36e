//! The warehouse: another service, which reads and writes lines of text over TCP.
//!
//! `RESERVE <order> <sku> <quantity>` is answered by `OK`, or by `SHORT <left>`.

use std::time::Duration;
use std::{env, fmt, io};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::order::Order;

/// How long the warehouse may take for one answer: less than the function's own time-out, so that the error says who
/// was slow.
const PATIENCE: Duration = Duration::from_secs(2);

/// A client of the warehouse. Its connection is kept from one invocation to the next.
#[derive(Debug)]
pub struct Warehouse {
    address: String,
    connection: Mutex<Option<Connection>>,
}

type Connection = BufStream<TcpStream>;

/// Makes the client once, before the first event.
///
/// It connects already here, where no caller waits yet. But a warehouse that is down is no reason not to start: the
/// first order tries again.
#[mayfly::init]
async fn warehouse() -> Warehouse {
    let address = env::var("WAREHOUSE_ADDRESS").unwrap_or_else(|_| "localhost:7070".to_owned());
    let warehouse = Warehouse::at(address);
    if let Err(error) = warehouse.in_time(warehouse.warm_up()).await {
        log::warn!("{error}; the first order will try again");
    }
    warehouse
}

/// What the warehouse said to an order.
#[derive(Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The goods are put aside.
    Made,
    /// There are not enough of them.
    Short {
        /// How many there are.
        left: u32,
    },
}

impl Warehouse {
    /// Makes a client that connects when it is first used.
    #[must_use]
    pub fn at(address: impl Into<String>) -> Self {
        Self { address: address.into(), connection: Mutex::new(None) }
    }

    /// Puts the goods of an order aside. The same order asked for twice is put aside once.
    ///
    /// # Errors
    /// If the warehouse cannot be reached in time, or says what no warehouse says.
    pub async fn reserve(&self, order: &Order) -> Result<Reservation, WarehouseError> {
        let line = format!("RESERVE {} {} {}\n", order.id(), order.sku(), order.quantity());
        let answer = self.in_time(self.ask(&line)).await?;
        match answer.split_whitespace().collect::<Vec<_>>()[..] {
            ["OK"] => Some(Reservation::Made),
            ["SHORT", left] => left.parse().ok().map(|left| Reservation::Short { left }),
            _ => None,
        }
        .ok_or(WarehouseError::Garbled { answer })
    }

    async fn in_time<T>(&self, exchange: impl Future<Output = io::Result<T>>) -> Result<T, WarehouseError> {
        let outcome = timeout(PATIENCE, exchange).await.unwrap_or_else(|elapsed| Err(elapsed.into()));
        outcome.map_err(|source| WarehouseError::Unreachable { address: self.address.clone(), source })
    }

    async fn connect(&self) -> io::Result<Connection> {
        TcpStream::connect(&self.address).await.map(BufStream::new)
    }

    async fn warm_up(&self) -> io::Result<()> {
        *self.connection.lock().await = Some(self.connect().await?);
        Ok(())
    }

    /// Sends a line and reads the answer.
    async fn ask(&self, line: &str) -> io::Result<String> {
        let mut kept = self.connection.lock().await;
        // Taken out while it is in use: if the time is up half way, no half of an answer is left for the next caller.
        if let Some(mut connection) = kept.take() {
            // Lambda freezes a process between two invocations, and the warehouse may have hung up meanwhile. Then a
            // new connection is worth a try.
            if let Ok(answer) = exchange(&mut connection, line).await {
                *kept = Some(connection);
                return Ok(answer);
            }
        }
        let mut connection = self.connect().await?;
        let answer = exchange(&mut connection, line).await?;
        *kept = Some(connection);
        Ok(answer)
    }
}

async fn exchange(connection: &mut Connection, line: &str) -> io::Result<String> {
    connection.write_all(line.as_bytes()).await?;
    connection.flush().await?;
    let mut answer = String::new();
    connection.read_line(&mut answer).await?;
    if answer.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(answer) }
}

/// What can go wrong with the warehouse.
#[derive(Debug)]
pub enum WarehouseError {
    /// It cannot be reached, or not in time.
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// It was understood by nobody.
    Garbled {
        /// What it said.
        answer: String,
    },
}

impl fmt::Display for WarehouseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { address, source } => {
                write!(f, "the warehouse at {address} cannot be reached: {source}")
            }
            Self::Garbled { answer } => write!(f, "the warehouse answered {answer:?}"),
        }
    }
}

impl std::error::Error for WarehouseError {}

#[cfg(test)]
pub(crate) mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// A warehouse that has `stock` pieces of everything, and hangs up after each answer if it is `rude`.
    pub(crate) async fn open(mut stock: u32, rude: bool) -> Warehouse {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let mut caller = BufStream::new(listener.accept().await.unwrap().0);
                let mut line = String::new();
                while caller.read_line(&mut line).await.is_ok_and(|length| length > 0) {
                    let wanted: u32 = line.trim_end().rsplit(' ').next().unwrap().parse().unwrap();
                    let answer = if wanted <= stock { "OK\n".to_owned() } else { format!("SHORT {stock}\n") };
                    stock = stock.saturating_sub(if answer == "OK\n" { wanted } else { 0 });
                    caller.write_all(answer.as_bytes()).await.unwrap();
                    caller.flush().await.unwrap();
                    line.clear();
                    if rude {
                        break;
                    }
                }
            }
        });
        Warehouse::at(address.to_string())
    }

    /// A warehouse whose port is taken, but where nobody listens.
    pub(crate) fn closed() -> Warehouse {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        std::mem::forget(socket); // or another test could be given the port
        Warehouse::at(address.to_string())
    }

    fn order(quantity: u32) -> Order {
        let json = format!(r#"{{"id": "o-1", "sku": "kettle", "quantity": {quantity}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[tokio::test]
    async fn goods_are_reserved_while_there_are_any() {
        let warehouse = open(5, false).await;
        assert_eq!(warehouse.reserve(&order(3)).await.unwrap(), Reservation::Made);
        assert_eq!(warehouse.reserve(&order(3)).await.unwrap(), Reservation::Short { left: 2 });
    }

    #[tokio::test]
    async fn lost_connections_are_made_anew() {
        let warehouse = open(5, true).await;
        for _ in 0..5 {
            assert_eq!(warehouse.reserve(&order(1)).await.unwrap(), Reservation::Made);
        }
    }

    #[tokio::test]
    async fn a_warehouse_that_is_down_is_named() {
        let warehouse = closed();
        let message = warehouse.reserve(&order(1)).await.unwrap_err().to_string();
        assert!(message.starts_with("the warehouse at 127.0.0.1:"), "{message}");
    }
}
