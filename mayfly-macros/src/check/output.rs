//! The rules of what a function returns: a reply or a state, and no future that nothing awaits.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{PathSegment, Type, TypeParamBound};

use crate::mistakes::Mistakes;
use crate::parse::args::Kind;
use crate::parse::place;
use crate::parse::signature::{Function, has_word, last_segment};

/// Checks what a handler returns.
pub(crate) fn reply(function: &Function, mistakes: &mut Mistakes) {
    let Some(output) = function.output() else { return };
    if matches!(output, Type::Never(_)) {
        mistakes.add(output, "a handler must return");
    }
    future(function, output, Kind::Handler, mistakes);
    for inner in inner_results(place::success(function).unwrap_or(output)) {
        mistakes.add(
            inner,
            "only the outermost `Result` is taken apart, this one would go out as `{\"Err\":…}`; move it outward, as in \
             `Result<Option<T>, E>` (`transpose`, `collect`, `?`)",
        );
    }
}

/// Checks what an init returns.
pub(crate) fn state(function: &Function, mistakes: &mut Mistakes) {
    let made = place::of_success(function);
    let Some(output) = function.output().filter(|_| made.to_string() != "()") else {
        mistakes.add(
            &made,
            "an init returns the state that it makes; it is called only if a handler takes it, as `State<T>`",
        );
        return;
    };
    if matches!(output, Type::Never(_)) {
        mistakes.add(output, "an init must return");
    }
    if !future(function, output, Kind::Init, mistakes) && has_word(&output.to_token_stream(), "impl") {
        mistakes.add(output, "name the state's type: a handler asks for it as `State<T>`");
    }
}

/// Looks for a future that would not be awaited: the function's own, or one that another attribute has made of it.
fn future(function: &Function, output: &Type, kind: Kind, mistakes: &mut Mistakes) -> bool {
    let found = is_future(output) || place::success(function).is_some_and(is_future);
    if found && function.is_async() {
        mistakes.add(output, "the future that it returns is not awaited; await it in the function");
    } else if found {
        let attribute = kind.attribute();
        mistakes.add(
            output,
            format_args!(
                "a plain `fn` that returns a future is not awaited; write `async fn`, and if another attribute has made \
                 this of one, put `{attribute}` above that"
            ),
        );
    }
    found
}

/// Whether a type is a future by its spelling: `impl Future`, `Pin<Box<dyn Future>>`, `BoxFuture`.
fn is_future(output: &Type) -> bool {
    match output {
        Type::ImplTrait(of) => of.bounds.iter().any(is_future_bound),
        Type::TraitObject(of) => of.bounds.iter().any(is_future_bound),
        _ => last_segment(output).is_some_and(|segment| match segment.ident.to_string().as_str() {
            "BoxFuture" | "LocalBoxFuture" => true,
            "Pin" | "Box" => place::types_in(segment).any(is_future),
            _ => false,
        }),
    }
}

fn is_future_bound(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else { return false };
    bound.path.segments.last().is_some_and(|segment| segment.ident == "Future" || segment.ident == "IntoFuture")
}

/// Every `Result` that is written out with its types in a type.
fn inner_results(of: &Type) -> Vec<&Ident> {
    match of {
        Type::Array(array) => inner_results(&array.elem),
        Type::Group(group) => inner_results(&group.elem),
        Type::Paren(paren) => inner_results(&paren.elem),
        Type::Reference(reference) => inner_results(&reference.elem),
        Type::Slice(slice) => inner_results(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().flat_map(inner_results).collect(),
        Type::Path(_) => last_segment(of).map(results_in).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn results_in(segment: &PathSegment) -> Vec<&Ident> {
    let is_one = segment.ident == "Result" && place::types_in(segment).next().is_some();
    is_one.then_some(&segment.ident).into_iter().chain(place::types_in(segment).flat_map(inner_results)).collect()
}
