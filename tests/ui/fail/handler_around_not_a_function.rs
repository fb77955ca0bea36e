#[mayfly::handler(around = "audit")]
fn one() {}

#[mayfly::handler(around)]
fn two() {}

#[mayfly::handler(around = [audit, 7])]
fn three() {}

#[mayfly::service(around = timed())]
fn four() {}

fn main() {}
