//! The counts of `lambda_http` and of `lambda_runtime` for the quick form, which does not compile them: that would take
//! longer than the rest of the quick form. `Cargo.lock` holds their versions, so the counts change with the compiler
//! only, and little.

use crate::contender::Contender::{PeerBatch, PeerHttp, PeerStream};
use crate::event::{GET, LARGE_CHUNKS, MESSAGES, POST, SMALL_CHUNKS};
use crate::sheet::Measure::{BinarySize, ChunkCalls, Instructions, SystemCalls};
use crate::sheet::Sheet;

/// Records the counts of `lambda_http` 1.3.2 and of `lambda_runtime` 1.5.0 as the whole benchmark has found them.
pub fn peers(sheet: &mut Sheet) {
    for (measure, contender, count) in [
        (BinarySize, PeerHttp, 2708.0),
        (SystemCalls, PeerHttp, 8.0),
        (Instructions(GET), PeerHttp, 204.0),
        (Instructions(POST), PeerHttp, 203.0),
        (Instructions(LARGE_CHUNKS), PeerStream, 1276.0),
        (Instructions(SMALL_CHUNKS), PeerStream, 18748.0),
        (Instructions(MESSAGES), PeerBatch, 267_558.0),
        (ChunkCalls(LARGE_CHUNKS), PeerStream, 1.06),
        (ChunkCalls(SMALL_CHUNKS), PeerStream, 1.03),
    ] {
        sheet.record(measure, contender, count);
    }
}
