//! The rules of `#[mayfly::batch]`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

use crate::check::{common, output};
use crate::kind::Input;
use crate::mistakes::Mistakes;
use crate::parse::place;
use crate::parse::signature::last_segment;

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

/// The types of records.
const RECORDS: [&str; 4] = ["Sqs", "Kinesis", "DynamoDb", "Kafka"];

/// The types that hold several values, or perhaps none.
const CONTAINERS: [&str; 4] = ["Vec", "VecDeque", "Box", "Option"];

fn record(input: &Input<'_>, mistakes: &mut Mistakes) {
    if input.function.signature.inputs.is_empty() {
        mistakes.add(
            &input.function.name().to_token_stream(),
            "a batch function takes a record: `Sqs<T>`, `Kinesis<T>`, `DynamoDb<T>` or `Kafka<T>` of `mayfly::batch`",
        );
    }
    let Some(record) = input.function.parameters().next() else { return };
    common::by_value(record, &RECORDS, mistakes);
    if let Some(name) = in_a_container(record) {
        mistakes.add(
            record,
            format_args!("a batch function takes one record, and Mayfly calls it for each; take `{name}<T>`"),
        );
    }
    if record_name(record).is_some() && borrows(&record.to_token_stream()) {
        mistakes.add(
            record,
            "the content of a record cannot borrow from the event; take owned data, such as `String` for `&str`",
        );
    }
    of_a_shard(input, record, mistakes);
}

/// Reports whether a type has a reference, or a lifetime other than `'static`.
fn borrows(of: &TokenStream) -> bool {
    let mut tokens = of.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Group(group) => borrows(&group.stream()),
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                !matches!(tokens.peek(), Some(TokenTree::Ident(lifetime)) if lifetime == "static")
            }
            TokenTree::Punct(punct) => punct.as_char() == '&',
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Rejects the arguments that have no effect on the records of a shard.
fn of_a_shard(input: &Input<'_>, record: &Type, mistakes: &mut Mistakes) {
    let Some(name) = record_name(record).filter(|name| *name == "Kinesis" || *name == "DynamoDb") else { return };
    if let Some(number) = &input.args.concurrency {
        mistakes.add(
            number,
            format_args!("the records of `{name}` are handled in the order of their shard; remove `concurrency`"),
        );
    }
    if input.args.report_all {
        mistakes
            .add(record, format_args!("a failure of `{name}` is always reported by its record; remove `report_all`"));
    }
}

/// Returns the name of the record inside a list or another container of records.
fn in_a_container(of: &Type) -> Option<&Ident> {
    match of {
        Type::Reference(reference) => in_a_container(&reference.elem),
        Type::Slice(slice) => record_or_container(&slice.elem),
        Type::Array(array) => record_or_container(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(record_or_container),
        _ => {
            let container = last_segment(of).filter(|segment| CONTAINERS.iter().any(|name| segment.ident == name))?;
            place::types_in(container).find_map(record_or_container)
        }
    }
}

fn record_or_container(of: &Type) -> Option<&Ident> {
    record_name(of).or_else(|| in_a_container(of))
}

/// Returns the name of a type that is called like a record.
fn record_name(of: &Type) -> Option<&Ident> {
    let name = &last_segment(of)?.ident;
    RECORDS.iter().any(|record| name == record).then_some(name)
}
