//! `Store`, which keeps replies by key; `SqliteStore`, which keeps them in `SQLite`.

use std::env;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mayfly::Error;
use rusqlite::{Connection, OptionalExtension, params};

/// The database of a process without the variable `DATABASE`: in memory, shared by all connections of the process.
const IN_MEMORY: &str = "file:/replies?vfs=memdb";
/// A row without a reply is a claim: its invocation runs.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply BLOB, ends REAL NOT NULL)";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A store of replies, which all processes of the function share.
pub(crate) trait Store {
    /// Claims a key for as long as the invocation may last, unless another one has.
    async fn claim(&self, key: &str, lasts: Duration) -> Result<Claim, Error>;

    /// Keeps the reply of the invocation that has claimed the key.
    async fn keep(&self, key: &str, reply: &[u8]) -> Result<(), Error>;

    /// Gives a claim up, so that the next invocation with the key runs.
    async fn release(&self, key: &str) -> Result<(), Error>;
}

/// The answer to a claim.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The key is claimed now.
    Granted,
    /// An earlier invocation with the key has replied.
    Replied(Vec<u8>),
    /// Another invocation with the key still runs.
    InProgress,
}

/// Replies in `SQLite`, which answers in microseconds, so that nothing here leaves the thread.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    connection: Mutex<Connection>,
    /// The time for which a reply is kept.
    kept: Duration,
}

/// Opens the store.
///
/// The variable `DATABASE` is the path of a file. On Lambda each process has its own `/tmp`, so that a retry in another
/// process runs again: a real service implements [`Store`] for a database of the network.
#[mayfly::init]
fn store() -> Result<SqliteStore, Error> {
    SqliteStore::open(&env::var("DATABASE").unwrap_or_else(|_| IN_MEMORY.to_owned()), DAY)
}

impl SqliteStore {
    /// Opens a database, and creates its table.
    pub(crate) fn open(location: &str, kept: Duration) -> Result<Self, Error> {
        let connection = Connection::open(location)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Mutex::new(connection), kept })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for SqliteStore {
    async fn claim(&self, key: &str, lasts: Duration) -> Result<Claim, Error> {
        let connection = self.connection();
        connection.execute("DELETE FROM replies WHERE ends <= unixepoch('subsec')", [])?;
        let claim = "INSERT INTO replies VALUES (?, NULL, unixepoch('subsec') + ?) ON CONFLICT DO NOTHING";
        if connection.execute(claim, params![key, lasts.as_secs_f64()])? > 0 {
            return Ok(Claim::Granted);
        }
        let reply =
            connection.query_row("SELECT reply FROM replies WHERE key = ?", [key], |row| row.get(0)).optional()?;
        Ok(reply.flatten().map_or(Claim::InProgress, Claim::Replied))
    }

    async fn keep(&self, key: &str, reply: &[u8]) -> Result<(), Error> {
        let keep = "INSERT OR REPLACE INTO replies VALUES (?, ?, unixepoch('subsec') + ?)";
        self.connection().execute(keep, params![key, reply, self.kept.as_secs_f64()])?;
        Ok(())
    }

    async fn release(&self, key: &str) -> Result<(), Error> {
        self.connection().execute("DELETE FROM replies WHERE key = ?", [key])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn two_processes_share_claims_and_replies() {
        let open = || SqliteStore::open("file:/shared?vfs=memdb", MINUTE).unwrap();
        let (one, other) = (open(), open());
        assert_eq!(one.claim("a", MINUTE).await.unwrap(), Claim::Granted);
        assert_eq!(other.claim("a", MINUTE).await.unwrap(), Claim::InProgress);
        assert_eq!(other.claim("b", MINUTE).await.unwrap(), Claim::Granted);
        one.keep("a", b"{}").await.unwrap();
        assert_eq!(other.claim("a", MINUTE).await.unwrap(), Claim::Replied(b"{}".to_vec()));
        other.release("b").await.unwrap();
        assert_eq!(one.claim("b", MINUTE).await.unwrap(), Claim::Granted);
    }

    #[tokio::test]
    async fn claims_and_replies_expire() {
        let store = SqliteStore::open(":memory:", Duration::ZERO).unwrap();
        assert_eq!(store.claim("a", Duration::ZERO).await.unwrap(), Claim::Granted);
        assert_eq!(store.claim("a", MINUTE).await.unwrap(), Claim::Granted, "the claim has expired");
        store.keep("a", b"{}").await.unwrap();
        assert_eq!(store.claim("a", MINUTE).await.unwrap(), Claim::Granted, "the reply has expired");
    }
}
