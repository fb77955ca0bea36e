//! `Endpoint`: a route as axum calls it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::Request;
use axum::handler::Handler as AxumHandler;
use axum::response::Response;

use super::failure;
use crate::registry::handler::Handler;
use crate::registry::route::{Answering, Route};

/// A route as axum calls it. All routes have this type, so that the code of axum is there once for all of them.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    handler: &'static Handler,
    route: &'static Route,
}

impl Endpoint {
    pub(crate) fn new(handler: &'static Handler, route: &'static Route) -> Self {
        Self { handler, route }
    }
}

impl AxumHandler<(), ()> for Endpoint {
    type Future = Answer;

    fn call(self, request: Request, (): ()) -> Answer {
        Answer { handler: self.handler, answering: (self.route.serve)(request) }
    }
}

/// The future response of a route.
pub(crate) struct Answer {
    handler: &'static Handler,
    answering: Answering,
}

impl Future for Answer {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        let response = ready!(self.answering.as_mut().poll(cx));
        failure::place(&response, self.handler);
        Poll::Ready(response)
    }
}
