//! Routes: functions that answer one method and pattern each, with the extractors and responses of axum.

mod answer;
mod argument;
pub(crate) mod bare;
mod endpoint;
mod extract;
pub(crate) mod failure;
mod router;

pub use answer::{Answered, answer, answering, fail};
pub use argument::{Last, Taken};
pub use router::Routes;
