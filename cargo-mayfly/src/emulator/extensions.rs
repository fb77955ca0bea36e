//! [`Extensions`]: the internal extensions of the function's process.

use serde::Deserialize;
use uuid::Uuid;

use crate::emulator::rejection::Rejection;

/// The registered extensions of one process.
#[derive(Debug, Default)]
pub(crate) struct Extensions(Vec<Extension>);

#[derive(Debug)]
struct Extension {
    id: Uuid,
    wants_invocations: bool,
    is_ready: bool,
    /// The number of the last invocation that was delivered to the extension.
    last_delivered: u64,
}

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
}

impl Extensions {
    /// Registers an extension and returns its id.
    pub(crate) fn register(&mut self, name: &str, body: &[u8]) -> Result<Uuid, Rejection> {
        if name.is_empty() {
            return Err(Rejection::extension("Extension.InvalidExtensionName", "Empty extension name"));
        }
        let registration: Registration = serde_json::from_slice(body)
            .map_err(|error| Rejection::extension("InvalidRequestFormat", error.to_string()))?;
        if let Some(event) = registration.events.iter().find(|event| *event != "INVOKE") {
            let message = format!("{event}: an internal extension cannot subscribe to it");
            return Err(Rejection::extension("Extension.InvalidEventType", message));
        }
        let id = Uuid::new_v4();
        let wants_invocations = !registration.events.is_empty();
        self.0.push(Extension { id, wants_invocations, is_ready: false, last_delivered: 0 });
        Ok(id)
    }

    /// Records that an extension requested its next event, and returns its id.
    pub(crate) fn ask(&mut self, id: &str) -> Result<Uuid, Rejection> {
        if id.is_empty() {
            let message = "Missing Lambda-Extension-Identifier header";
            return Err(Rejection::extension("Extension.MissingExtensionIdentifier", message));
        }
        let id = Uuid::parse_str(id).map_err(|_| {
            Rejection::extension("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier")
        })?;
        let unknown =
            || Rejection::extension("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"));
        let extension = self.0.iter_mut().find(|extension| extension.id == id).ok_or_else(unknown)?;
        extension.is_ready = true;
        Ok(id)
    }

    /// Returns whether an invocation is to be delivered to an extension, and records the delivery.
    pub(crate) fn deliver(&mut self, id: Uuid, number: u64) -> bool {
        let extension = self.0.iter_mut().find(|extension| extension.id == id);
        extension.is_some_and(|extension| {
            let is_new = extension.wants_invocations && extension.last_delivered < number;
            extension.last_delivered = extension.last_delivered.max(number);
            is_new
        })
    }

    /// Returns whether every extension has requested its first event, so that init may end.
    pub(crate) fn are_ready(&self) -> bool {
        self.0.iter().all(|extension| extension.is_ready)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn init_ends_once_every_extension_requests_an_event() {
        let mut extensions = Extensions::default();
        assert!(extensions.are_ready());
        let id = extensions.register("mine", br#"{"events":[]}"#).unwrap();
        assert!(!extensions.are_ready());
        extensions.ask(&id.to_string()).unwrap();
        assert!(extensions.are_ready());
        assert!(!extensions.deliver(id, 1), "it subscribed to nothing");
    }

    #[test]
    fn each_invocation_is_delivered_to_a_subscriber_once() {
        let mut extensions = Extensions::default();
        let id = extensions.register("mine", br#"{"events":["INVOKE"]}"#).unwrap();
        assert!(extensions.deliver(id, 1));
        assert!(!extensions.deliver(id, 1));
        assert!(extensions.deliver(id, 2));
    }

    #[test]
    fn invalid_requests_are_rejected() {
        let mut extensions = Extensions::default();
        for (name, body) in [("", "{}"), ("mine", "no"), ("mine", r#"{"events":["SHUTDOWN"]}"#)] {
            assert_eq!(extensions.register(name, body.as_bytes()).unwrap_err().status(), 403, "{body}");
        }
        for id in ["", "mine", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(extensions.ask(id).unwrap_err().status(), 403, "{id}");
        }
    }
}
