//! Functions around every invocation: each mix of sync and async, what they see and replace, and how they end.

mod ends;
mod listed;
mod mixes;
mod polled;
mod seen;
mod served;
mod shown;
