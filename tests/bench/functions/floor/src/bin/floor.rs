//! The floor, which does not read events.

fn main() -> std::io::Result<()> {
    bench_floor::serve(|_, request_id, reply| {
        reply.extend_from_slice(br#"{"id":12345678,"length":16,"request_id":""#);
        reply.extend_from_slice(request_id.as_bytes());
        reply.extend_from_slice(br#""}"#);
    })
}
