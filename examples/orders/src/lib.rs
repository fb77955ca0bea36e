//! A small order service: four functions in one binary.
//!
//! | Handler | Event | What it does |
//! |---|---|---|
//! | `orders::http::place` | API Gateway, a function URL, a load balancer | reserves the goods and answers with a status |
//! | `orders::queue::reserve` | SQS | reserves the goods of each order of a batch; those that fail come again |
//! | `orders::payments::received` | `EventBridge` | writes a receipt |
//! | `orders::uploads::list` | S3 | selects the files of orders among the uploads |
//!
//! The first two share the [`Warehouse`](warehouse::Warehouse), a connection that each process makes once.

pub mod http;
pub mod order;
pub mod payments;
pub mod queue;
pub mod uploads;
pub mod warehouse;
