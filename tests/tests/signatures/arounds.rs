use mayfly::around::{self, Reply};
use mayfly::{Context, Error, FromInvocation, Invocation, Next, State};

type Outcome<T = Reply> = Result<T, Error>;
type Rest<'a> = Next<'a>;

struct Caller;

impl FromInvocation for Caller {
    fn from_invocation(_: &Invocation<'_>) -> Result<Self, Error> {
        Ok(Self)
    }
}

#[mayfly::around]
fn aliased(_: &Invocation<'_>, next: Rest<'_>) -> Outcome {
    next.run_blocking()
}

#[mayfly::around]
async fn with_all_kinds(
    invocation: &Invocation<'_>,
    next: mayfly::Next<'_>,
    State(limit): State<u64>,
    mut context: Context,
    _: Caller,
    Caller: Caller,
) -> std::result::Result<mayfly::around::Reply, mayfly::Error> {
    context.request_id.push_str(&(invocation.payload().len() as u64 + limit).to_string());
    next.run().await
}

#[mayfly::around]
#[rustfmt::skip]
fn ten(
    _: &Invocation<'_>, next: Next<'_>,
    _: Caller, _: Caller, _: Caller, _: Caller, _: Caller, _: Caller, _: Caller, _: Caller, _: Caller, _: Caller,
) -> Result<around::Reply, String> {
    next.run_blocking().map_err(|error| error.to_string())
}

#[mayfly::around]
async fn boxed(_: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Box<dyn std::error::Error>> {
    next.run().await.map_err(|error| error.to_string().into())
}

#[mayfly::around]
fn anyhow(_: &Invocation<'_>, _: Next<'_>) -> anyhow::Result<Reply> {
    anyhow::bail!("refused")
}

#[mayfly::around]
const fn constant(_: &Invocation<'_>, _: Next<'_>) -> Result<Reply, u8> {
    Err(7)
}

const ALL: around::Arounds = mayfly::arounds![aliased, with_all_kinds, ten, boxed, anyhow];

#[mayfly::handler(around = ALL)]
fn inside_of_all() {}

#[mayfly::handler(around = [constant], name = "inside-of-one", default)]
async fn inside_of_one() {}

#[test]
fn lists_name_functions_of_every_signature() {
    assert!(format!("{ALL:?}").contains("arounds::with_all_kinds"));
}
