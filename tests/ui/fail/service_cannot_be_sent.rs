//! The service cannot be sent to another thread.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Request, Response};
use mayfly::http::Body;

struct Local(#[expect(dead_code)] Rc<u32>);

impl tower::Service<Request<Body>> for Local {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        ready(Ok(Response::new(request.into_body())))
    }
}

#[mayfly::service]
fn api() -> Local {
    Local(Rc::new(7))
}

fn main() {}
