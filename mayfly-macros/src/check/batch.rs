//! The rules of `#[mayfly::batch]`.

use quote::ToTokens;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;

const NOT_GENERIC: &str =
    "a batch function cannot be generic: Lambda picks it by name at run time; write one per concrete type";

/// Checks a batch function.
pub(crate) fn batch(input: &Input<'_>, mistakes: &mut Mistakes) {
    common::name(input.kind.noun, &input.args, mistakes);
    concurrency(input, mistakes);
    common::qualifiers(input, mistakes);
    common::generics(input, NOT_GENERIC, mistakes);
    record(input, mistakes);
    common::parameters(input, unnamed_type, mistakes);
    if let Some(output) = input.function.output() {
        output::never(input, output, mistakes);
        output::future(input, output, mistakes);
    }
    common::where_clause(input, NOT_GENERIC, mistakes);
}

fn unnamed_type(position: usize) -> &'static str {
    match position {
        0 => "name the type of the record, such as `Sqs<Order>`",
        _ => "name the type: it decides what is taken from the invocation",
    }
}

fn concurrency(input: &Input<'_>, mistakes: &mut Mistakes) {
    let Some(number) = input.args.concurrency.as_ref().filter(|_| !input.function.is_async()) else { return };
    mistakes
        .add(number, "only an `async fn` handles several records at once; remove `concurrency`, or write `async fn`");
}

fn record(input: &Input<'_>, mistakes: &mut Mistakes) {
    if input.function.signature.inputs.is_empty() {
        mistakes.add(
            &input.function.name().to_token_stream(),
            "a batch function takes a record: `Sqs<T>`, `Kinesis<T>`, `DynamoDb<T>` or `Kafka<T>` of `mayfly::batch`",
        );
    }
}
