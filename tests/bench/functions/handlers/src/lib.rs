//! Makes handlers by the dozen, each in a module of its own with an event and a reply of its own.

/// `handlers!(a b)`: two handlers, `a::take` and `b::take`.
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
