use mayfly::{Error, Invocation, Next, around};

struct Metrics;

impl Metrics {
    #[mayfly::around]
    fn timed(&self, _: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
        next.run_blocking()
    }

    #[mayfly::around]
    fn free(_: &Invocation<'_>, next: Next<'_>) -> Result<around::Reply, Error> {
        next.run_blocking()
    }
}

fn main() {}
