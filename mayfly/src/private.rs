//! The items that generated code names. They include the crate `core`, since the user's code may have another item of
//! that name in scope.

pub use crate::__drive as drive;
pub use crate::__drive_call as drive_call;
pub use crate::__needs_async as needs_async;
pub use crate::__needs_axum as needs_axum;
pub use crate::__needs_http as needs_http;
pub use crate::__needs_shutdown as needs_shutdown;
pub use crate::around::list::{List, Listed};
pub use crate::around::named::{Named, function_id};
#[cfg(feature = "async")]
pub use crate::around::next::AroundFuture;
pub use crate::around::{Arounds, Next, Reply};
pub use crate::arounds;
pub use crate::batch::Raw;
pub use crate::batch::progress::{Arguments, Settings, run as run_batch};
#[cfg(feature = "async")]
pub use crate::batch::slots::{Running, boxed, run_async as run_batch_async};
pub use crate::batch::source::{Record, Source, Tag, done};
pub use crate::error::Error;
pub use crate::executor::Executor;
pub use crate::hooks::MACHINERY;
#[cfg(feature = "http")]
pub use crate::http;
#[cfg(feature = "http")]
pub use crate::http::parameter::ServiceParameter;
#[cfg(feature = "axum")]
pub use crate::http::routes::{Answered, Last, Taken, answer, answering, fail};
pub use crate::invocation::argument::{FromInvocation, Invocation};
pub use crate::invocation::bounds::{Asked, FromStates, event_first, whole_event};
pub use crate::invocation::call::Call;
pub use crate::invocation::returned::{Failed, Returned};
pub use crate::invocation::state::{Erased, Needs, StateType, Store, keep};
pub use crate::json::Json;
#[cfg(feature = "async")]
pub use crate::registry::around::around_future;
pub use crate::registry::around::{Around, AroundInvoke, around_reply, first_of_around, second_of_around};
pub use crate::registry::copies::mark;
pub use crate::registry::handler::{Description, Handler, Http, Service};
pub use crate::registry::hook::{Hook, HookParameter, Moment, hook_done};
pub use crate::registry::init::Init;
pub use crate::registry::list::{list_around, list_arounds, list_batch};
pub use crate::registry::path::{characters, hash};
#[cfg(feature = "axum")]
pub use crate::registry::route::{Answering, Route};
#[cfg(feature = "axum")]
pub use axum::extract::Request;
pub use core;
pub use inventory;
pub use std::process::ExitCode;

/// Passes on the registration of an async around function.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_async {
    ($($registration:tt)*) => { $($registration)* };
}

/// Names the feature that is missing.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_async {
    ($($registration:tt)*) => {
        $crate::private::core::compile_error!("an `async fn` around function needs the feature `async` of mayfly");
    };
}

/// Passes on the registration of a service.
#[cfg(feature = "http")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_http {
    ($($registration:tt)*) => { $($registration)* };
}

/// Names the feature that is missing.
#[cfg(not(feature = "http"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_http {
    ($($registration:tt)*) => {
        $crate::private::core::compile_error!("`#[mayfly::service]` needs the feature `http` of mayfly");
    };
}

/// Passes on the registration of a shutdown function.
#[cfg(feature = "shutdown")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_shutdown {
    ($($registration:tt)*) => { $($registration)* };
}

/// Names the feature that is missing.
#[cfg(not(feature = "shutdown"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_shutdown {
    ($($registration:tt)*) => {
        $crate::private::core::compile_error!("`#[mayfly::shutdown]` needs the feature `shutdown` of mayfly");
    };
}

/// Passes on the registration of a route.
#[cfg(feature = "axum")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_axum {
    ($attribute:literal $($registration:tt)*) => { $($registration)* };
}

/// Names the feature that is missing.
#[cfg(not(feature = "axum"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_axum {
    ($attribute:literal $($registration:tt)*) => {
        $crate::private::core::compile_error!($crate::private::core::concat!(
            "`",
            $attribute,
            "` needs the feature `axum` of mayfly"
        ));
    };
}

/// Runs a future to completion.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __drive {
    ($executor:expr, $future:expr) => {
        $executor.block_on($crate::private::core::pin::pin!($future))
    };
}

/// Runs the future of a handler to completion.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __drive_call {
    ($executor:expr, $future:expr) => {
        $executor.block_on($crate::private::core::pin::pin!($crate::private::core::option::Option::Some($future)))
    };
}

/// Fails to compile, with a message that names the missing feature.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __drive_call {
    ($executor:expr, $future:expr) => {
        $crate::private::drive!($executor, $future)
    };
}

/// Fails to compile, with a message that names the missing feature.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __drive {
    ($executor:expr, $future:expr) => {
        $crate::private::core::compile_error!("an `async fn` handler or init needs the feature `async` of mayfly")
    };
}
