//! The example `streaming` as a process.

use mayfly_tests::{Delivery, Piece, Process, RuntimeApi, streaming};
use serde_json::json;

/// Exports that many rows and returns the number of bytes.
fn export(api: &RuntimeApi, rows: usize) -> usize {
    let stream = api.stream(&Delivery::json(&json!({ "rows": rows }).to_string()));
    assert_eq!(stream.header("content-type"), Some("text/csv"));
    let mut bytes = 0;
    loop {
        match stream.piece() {
            Piece::Chunk(chunk) => bytes += chunk.len(),
            end => {
                assert_eq!(end, Piece::End(Vec::new()), "after {bytes} bytes");
                stream.accept();
                return bytes;
            }
        }
    }
}

#[test]
fn a_million_rows_take_no_more_memory_than_ten_thousand() {
    let api = RuntimeApi::start();
    let process = Process::of(&streaming()).handler("streaming::export::export").api(&api).start();
    // Each row has its number, a comma, five characters and the end of the line.
    let digits = |rows: usize| (0..rows).map(|row| row.to_string().len()).sum::<usize>();
    let bytes = |rows: usize| "number,celsius\n".len() + digits(rows) + rows * ",10.00\n".len();
    assert_eq!(export(&api, 10_000), bytes(10_000));
    let before = process.peak_kib();
    assert_eq!(export(&api, 1_000_000), bytes(1_000_000));
    let more = process.peak_kib() - before;
    assert!(more <= 1024, "{more} KiB more");
}
