//! The floor with JSON: it deserializes each event and serializes each reply.

use bench_event::Event;

fn main() -> std::io::Result<()> {
    bench_floor::serve(|event, request_id, reply| {
        let event: Event = serde_json::from_slice(event).expect("the events of the benchmark fit");
        serde_json::to_writer(reply, &event.reply(request_id.to_owned())).expect("memory takes every reply");
    })
}
