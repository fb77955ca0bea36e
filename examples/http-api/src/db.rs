//! `Db`: the users' sessions, notes and pictures, in `SQLite`.

use std::env;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mayfly::State;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use serde::Serialize;

/// The database of a process without the variable `DATABASE`: in memory, shared by all connections of the process.
const IN_MEMORY: &str = "file:/notes?vfs=memdb";
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, user TEXT NOT NULL, ends INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS notes (
        id INTEGER PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, picture BLOB,
        UNIQUE (user, title)
    );
";
const NOTES_ON_A_PAGE: u32 = 20;

/// The parameter by which an axum handler takes the database.
pub type Database = axum::extract::State<State<Db>>;

/// A connection. `SQLite` answers in microseconds, so handlers wait for it without leaving their thread.
#[derive(Debug)]
pub struct Db(Mutex<Connection>);

/// A note.
#[derive(Debug, Serialize)]
pub struct Note {
    /// The id.
    pub id: i64,
    /// The title, which none of the user's other notes has.
    pub title: String,
    /// The text.
    pub text: String,
}

/// Opens the database, once for each process, before the first request.
///
/// The variable `DATABASE` is the path of a file. Lambda keeps files in `/tmp` until it stops the process, and each
/// process has its own: notes that must survive belong into a database of the network.
#[mayfly::init]
fn db() -> Result<Db, mayfly::Error> {
    let location = env::var("DATABASE").unwrap_or_else(|_| IN_MEMORY.to_owned());
    let connection = Connection::open(location)?;
    connection.execute_batch(SCHEMA)?;
    Ok(Db::of(connection))
}

impl Db {
    /// Wraps a connection to a database that has the tables.
    #[must_use]
    pub fn of(connection: Connection) -> Self {
        Self(Mutex::new(connection))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session that ends after this many seconds.
    pub(crate) fn begin_session(&self, id: &str, user: &str, seconds: u32) -> rusqlite::Result<()> {
        let connection = self.connection();
        connection.execute("DELETE FROM sessions WHERE ends < unixepoch()", [])?;
        connection.execute("INSERT INTO sessions VALUES (?, ?, unixepoch() + ?)", params![id, user, seconds])?;
        Ok(())
    }

    /// Ends a session.
    pub(crate) fn end_session(&self, id: &str) -> rusqlite::Result<()> {
        self.connection().execute("DELETE FROM sessions WHERE id = ?", [id])?;
        Ok(())
    }

    /// Returns the user of a session that has not ended.
    pub(crate) fn user(&self, session: &str) -> rusqlite::Result<Option<String>> {
        let query = "SELECT user FROM sessions WHERE id = ? AND ends >= unixepoch()";
        self.connection().query_row(query, [session], |row| row.get(0)).optional()
    }

    /// Writes a note and returns its id, or `None` if the user has a note of that title.
    pub(crate) fn write(&self, user: &str, title: &str, text: &str) -> rusqlite::Result<Option<i64>> {
        let connection = self.connection();
        let query = "INSERT INTO notes (user, title, text) VALUES (?, ?, ?)";
        match connection.execute(query, [user, title, text]) {
            Ok(_) => Ok(Some(connection.last_insert_rowid())),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns a page of the notes whose title or text contains `search`, the newest first. The first page is 0.
    pub(crate) fn notes(&self, user: &str, search: &str, page: u32) -> rusqlite::Result<Vec<Note>> {
        let connection = self.connection();
        let mut query = connection.prepare(
            "SELECT id, title, text FROM notes WHERE user = ?1 AND (instr(title, ?2) OR instr(text, ?2)) \
             ORDER BY id DESC LIMIT ?3 OFFSET ?4",
        )?;
        let first = u64::from(page) * u64::from(NOTES_ON_A_PAGE);
        query.query_map(params![user, search, NOTES_ON_A_PAGE, first.cast_signed()], note)?.collect()
    }

    /// Returns a note.
    pub(crate) fn note(&self, user: &str, id: i64) -> rusqlite::Result<Option<Note>> {
        let query = "SELECT id, title, text FROM notes WHERE user = ? AND id = ?";
        self.connection().query_row(query, params![user, id], note).optional()
    }

    /// Deletes a note. Returns whether there was one.
    pub(crate) fn delete(&self, user: &str, id: i64) -> rusqlite::Result<bool> {
        let deleted = self.connection().execute("DELETE FROM notes WHERE user = ? AND id = ?", params![user, id])?;
        Ok(deleted > 0)
    }

    /// Stores the picture of a note. Returns whether there is such a note.
    pub(crate) fn store_picture(&self, user: &str, id: i64, picture: &[u8]) -> rusqlite::Result<bool> {
        let query = "UPDATE notes SET picture = ? WHERE user = ? AND id = ?";
        Ok(self.connection().execute(query, params![picture, user, id])? > 0)
    }

    /// Returns the picture of a note.
    pub(crate) fn picture(&self, user: &str, id: i64) -> rusqlite::Result<Option<Vec<u8>>> {
        let query = "SELECT picture FROM notes WHERE user = ? AND id = ? AND picture IS NOT NULL";
        self.connection().query_row(query, params![user, id], |row| row.get(0)).optional()
    }
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note { id: row.get(0)?, title: row.get(1)?, text: row.get(2)? })
}
