//! `Warehouse`: a client of another service, which reads and writes lines of text over TCP.
//!
//! The service answers `RESERVE <order> <sku> <quantity>` with `OK` or with `SHORT <left>`.

use std::time::Duration;
use std::{env, fmt, io};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::order::Order;

/// The time-out of one request. It is shorter than the function's own, so that the error names the slow service.
const PATIENCE: Duration = Duration::from_secs(2);

/// A client of the warehouse. It keeps its connection from one invocation to the next.
#[derive(Debug)]
pub struct Warehouse {
    address: String,
    connection: Mutex<Option<Connection>>,
}

type Connection = BufStream<TcpStream>;

/// Makes the client once, before the first event.
///
/// It connects here, where no caller waits yet. If the warehouse is down, the function starts nevertheless, and the first
/// order tries again.
#[mayfly::init]
async fn warehouse() -> Warehouse {
    let address = env::var("WAREHOUSE_ADDRESS").unwrap_or_else(|_| "localhost:7070".to_owned());
    let warehouse = Warehouse::at(address);
    if let Err(error) = warehouse.in_time(warehouse.warm_up()).await {
        log::warn!("{error}; the first order will try again");
    }
    warehouse
}

/// The warehouse's answer to an order.
#[derive(Debug, PartialEq, Eq)]
pub enum Reservation {
    /// The goods are reserved.
    Made,
    /// Too few pieces are left.
    Short {
        /// The number of pieces left.
        left: u32,
    },
}

impl Warehouse {
    /// Makes a client that connects on first use.
    #[must_use]
    pub fn at(address: impl Into<String>) -> Self {
        Self { address: address.into(), connection: Mutex::new(None) }
    }

    /// Reserves the goods of an order. An order that is sent twice is reserved once.
    ///
    /// # Errors
    /// Fails if the warehouse cannot be reached in time, or if its answer makes no sense.
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
        // The connection is taken out while it is in use: after a time-out in the middle of an answer it is dropped, and
        // the next caller does not read the rest.
        if let Some(mut connection) = kept.take() {
            // Lambda freezes a process between two invocations, and the warehouse may have closed the connection in the
            // meantime. In that case a new connection is worth a try.
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

/// A failure of the warehouse.
#[derive(Debug)]
pub enum WarehouseError {
    /// The warehouse cannot be reached in time.
    Unreachable {
        /// The address of the warehouse.
        address: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The answer makes no sense.
    Garbled {
        /// The answer.
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

    /// Starts a warehouse with `stock` pieces of everything. If it is `rude`, it closes the connection after each answer.
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

    /// Returns a client of a warehouse whose port is taken, but which does not listen.
    pub(crate) fn closed() -> Warehouse {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        std::mem::forget(socket); // otherwise another test could get the port
        Warehouse::at(address.to_string())
    }

    fn order(quantity: u32) -> Order {
        let json = format!(r#"{{"id": "o-1", "sku": "kettle", "quantity": {quantity}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[tokio::test]
    async fn goods_are_reserved_while_stock_lasts() {
        let warehouse = open(5, false).await;
        assert_eq!(warehouse.reserve(&order(3)).await.unwrap(), Reservation::Made);
        assert_eq!(warehouse.reserve(&order(3)).await.unwrap(), Reservation::Short { left: 2 });
    }

    #[tokio::test]
    async fn a_lost_connection_is_replaced() {
        let warehouse = open(5, true).await;
        for _ in 0..5 {
            assert_eq!(warehouse.reserve(&order(1)).await.unwrap(), Reservation::Made);
        }
    }

    #[tokio::test]
    async fn the_error_names_a_warehouse_that_is_down() {
        let warehouse = closed();
        let message = warehouse.reserve(&order(1)).await.unwrap_err().to_string();
        assert!(message.starts_with("the warehouse at 127.0.0.1:"), "{message}");
    }
}
