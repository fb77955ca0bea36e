//! Advice, appended to error messages that do not say what to do.

use super::text::has;

/// Returns the advice for a logger that was installed too late, and an empty text for any other message.
pub(crate) fn advice(message: &str) -> &'static str {
    let is_late = has(message, "SetLoggerError") || has(message, "attempted to set a logger after");
    if is_late { "; mayfly has installed its own by now: install yours in `main`, before `mayfly::run()`" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_logger_gets_advice_and_no_other_message_does() {
        for (message, has_advice) in [
            ("attempted to set a logger after the logging system was already initialized", true),
            ("Unable to install global subscriber: SetLoggerError(())", true),
            ("the logger is closed", false),
        ] {
            assert_eq!(!advice(message).is_empty(), has_advice, "{message}");
        }
    }
}
