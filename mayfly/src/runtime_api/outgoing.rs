//! `Outgoing`: the reply of an invocation on its way to the service.

/// Memory above this is given back before the next invocation; that of an ordinary reply serves the next one.
const KEPT: usize = 8 << 20;

/// The reply of an invocation on its way to the service. One value serves all invocations of a poller.
#[derive(Debug, Default)]
pub struct Outgoing {
    pub(crate) bytes: Vec<u8>,
}

impl Outgoing {
    /// Empties it for the next invocation.
    pub(crate) fn clear(&mut self) {
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_large_reply_is_given_back() {
        for (capacity, kept) in [(KEPT + 1, 0), (64, 64)] {
            let mut outgoing = Outgoing { bytes: Vec::with_capacity(capacity) };
            outgoing.bytes.push(0);
            outgoing.clear();
            assert_eq!((outgoing.bytes.len(), outgoing.bytes.capacity()), (0, kept));
        }
    }
}
