//! X-Ray's trace ids.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// Creates a trace id as X-Ray does for a request that is not sampled.
pub(crate) fn new() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (trace, parent) = (Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string());
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=0", &trace[..24], &parent[..16])
}
