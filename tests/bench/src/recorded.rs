//! The counts of `lambda_http` for the quick form, which does not compile it: that would take longer than the rest of
//! the quick form. `Cargo.lock` holds its version, so the counts change with the compiler only, and little.

use crate::contender::Contender::{PeerBatch, PeerHttp};
use crate::event::{GET, MESSAGES, POST};
use crate::sheet::Measure::{BinarySize, Instructions, SystemCalls};
use crate::sheet::Sheet;

/// Records the counts of `lambda_http` 1.3.2 as the whole benchmark has found them.
pub fn lambda_http(sheet: &mut Sheet) {
    for (measure, count) in
        [(BinarySize, 2708.0), (SystemCalls, 8.0), (Instructions(GET), 204.0), (Instructions(POST), 203.0)]
    {
        sheet.record(measure, PeerHttp, count);
    }
}

/// Records the count of the loop by hand on `lambda_runtime` 1.5.0, as the whole benchmark has found it.
pub fn loop_by_hand(sheet: &mut Sheet) {
    sheet.record(Instructions(MESSAGES), PeerBatch, 267_558.0);
}
