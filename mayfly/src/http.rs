//! HTTP: a tower service behind any of the six sources that invoke functions with HTTP requests.
//!
//! [`#[mayfly::service]`](macro@crate::service) registers a function that returns the service; the types here are those
//! of its requests. Path, query, headers, cookies and body reach the service byte for byte as far as the source carries
//! them, and no part of a response is lost on its way back.
//!
//! The blanket implementations of [`Event`](crate::Event) and [`Reply`](crate::Reply) for all serde types leave no room
//! for `http::Request` and `http::Response` (E0119), so HTTP comes in through an attribute of its own.

mod alb;
mod body;
pub(crate) mod built;
mod deserializer;
mod detect;
mod envelope;
mod function_url;
#[cfg(feature = "testing")]
pub(crate) mod gateway;
mod http_api;
mod json;
mod lattice;
pub(crate) mod parameter;
mod payload;
#[cfg(all(any(test, fuzzing), feature = "testing"))]
pub(crate) mod properties;
#[cfg(feature = "testing")]
mod query;
mod request;
mod response;
mod rest_api;
#[cfg(feature = "axum")]
pub(crate) mod routes;
mod rules;
mod scanner;
mod serve;
mod service;
mod source;
pub(crate) mod streamed;
mod target;
mod visit;
mod websocket;

pub use body::Body;
pub use built::{ByClone, ByLock, provides};
pub use serve::invoke;
pub use service::{HttpService, ServiceError};
pub use source::{Kind, Source};
