//! The export of the readings as CSV.

use mayfly::{Error, Stream};
use serde::Deserialize;

use crate::station::readings;

/// The most rows of an export: a streamed reply has at most 200 MB.
const MOST_ROWS: usize = 10_000_000;

/// The event.
#[derive(Deserialize)]
pub struct Export {
    /// The number of rows, without the heading.
    pub rows: usize,
}

/// Streams the readings as CSV. Rows leave together in chunks of almost 64 KiB, and the iterator is asked for more only
/// after a chunk has left, so an export of any length takes the same memory.
///
/// # Errors
/// Fails if the export has too many rows. As nothing has been sent yet, the caller sees an ordinary error.
#[mayfly::handler]
pub fn export(export: Export) -> Result<Stream, Error> {
    if export.rows > MOST_ROWS {
        let message = format!("{} rows are ordered, an export has at most {MOST_ROWS}", export.rows);
        return Err(Error::new("TooManyRows", message));
    }
    let rows = readings(0).take(export.rows).map(|reading| format!("{},{reading}\n", reading.number));
    Ok(Stream::iter(std::iter::once("number,celsius\n".to_owned()).chain(rows)).content_type("text/csv"))
}

#[cfg(test)]
mod tests {
    use mayfly::testing;
    use serde_json::json;

    #[test]
    fn an_export_is_a_heading_and_its_rows() {
        let reply = testing::invoke("streaming::export::export").event(json!({ "rows": 2 })).run().unwrap();
        assert_eq!(reply.bytes(), b"number,celsius\n0,10.00\n1,10.20\n");
    }

    #[test]
    fn a_million_rows_leave_in_chunks_of_64_kib() {
        let event = json!({ "rows": 1_000_000 });
        let chunks = testing::invoke("streaming::export::export").event(event).stream().unwrap();
        assert_eq!(chunks.content_type(), "text/csv");
        let (mut rows, mut sizes) = (0, Vec::new());
        for chunk in chunks {
            let chunk = chunk.unwrap();
            rows += chunk.split(|&byte| byte == b'\n').count() - 1;
            sizes.push(chunk.len());
        }
        assert_eq!(rows, 1_000_001);
        let (last, full) = sizes.split_last().unwrap();
        assert!(full.iter().all(|size| (63 << 10..64 << 10).contains(size)), "{full:?}");
        assert!(*last < 64 << 10, "{last}");
    }

    #[test]
    fn too_many_rows_are_an_error_before_the_first_byte() {
        let event = json!({ "rows": 10_000_001 });
        let failure = testing::invoke("streaming::export::export").event(event).stream().unwrap_err();
        assert_eq!(failure.error_type(), "TooManyRows");
        assert_eq!(failure.message(), "10000001 rows are ordered, an export has at most 10000000");
    }
}
