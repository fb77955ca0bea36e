//! The signatures that Mayfly's attributes accept: this program compiles.
// Each file is written as a user would write the root of a crate.
#![allow(clippy::all, clippy::pedantic, private_interfaces, unreachable_pub, unused_qualifications)]

mod another_attribute_below;
mod arguments_in_any_order;
mod arounds;
mod attribute_arguments;
mod attributes;
mod batches;
mod borrowed_events;
mod const_functions;
mod conversions;
mod errors;
mod from_a_macro;
mod future_that_is_not_send;
mod hooks;
mod inits;
mod names_of_the_users_own;
mod no_event_no_reply;
mod patterns;
mod plain_and_async;
mod raw_identifiers;
mod replies;
mod routes;
