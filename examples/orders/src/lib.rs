//! A small order service: four functions, deployed as one binary.
//!
//! | Handler | Event | What it does |
//! |---|---|---|
//! | `orders::http::place` | API Gateway (HTTP API) or a function URL | reserves the goods, answers with a status |
//! | `orders::queue::reserve` | SQS | reserves the goods of a batch, reports those that failed |
//! | `orders::payments::received` | `EventBridge` | writes a receipt |
//! | `orders::uploads::list` | S3 | picks the files of orders among the uploads |
//!
//! The first two share the [`Warehouse`](warehouse::Warehouse), a connection that is made once a process.

pub mod http;
pub mod order;
pub mod payments;
pub mod queue;
pub mod uploads;
pub mod warehouse;
