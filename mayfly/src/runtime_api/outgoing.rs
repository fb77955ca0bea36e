//! `Outgoing`: the reply of an invocation on its way to the service.

/// The largest capacity in bytes that is kept for the next reply; a larger buffer is freed before the next invocation.
const MAX_KEPT_BYTES: usize = 8 << 20;

/// The reply of an invocation on its way to the service. One value serves all invocations of a poller.
#[derive(Debug, Default)]
pub struct Outgoing {
    pub(crate) bytes: Vec<u8>,
}

impl Outgoing {
    /// Empties the buffer for the next invocation.
    pub(crate) fn clear(&mut self) {
        if self.bytes.capacity() > MAX_KEPT_BYTES {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_large_reply_is_freed() {
        for (capacity, kept) in [(MAX_KEPT_BYTES + 1, 0), (64, 64)] {
            let mut outgoing = Outgoing { bytes: Vec::with_capacity(capacity) };
            outgoing.bytes.push(0);
            outgoing.clear();
            assert_eq!((outgoing.bytes.len(), outgoing.bytes.capacity()), (0, kept));
        }
    }
}
