//! `handlers!`: many handlers, each in its own module with its own event and reply.

/// Writes a handler for each name: `handlers!(a b)` makes `a::take` and `b::take`.
#[macro_export]
macro_rules! handlers {
    ($($name:ident)*) => {$(
        mod $name {
            #[derive(::serde::Deserialize)]
            struct Event {
                id: u64,
                text: String,
            }

            #[derive(::serde::Serialize)]
            struct Reply {
                id: u64,
                length: usize,
            }

            #[::mayfly::handler]
            fn take(event: Event) -> Reply {
                Reply { id: event.id, length: event.text.len() }
            }
        }
    )*};
}
