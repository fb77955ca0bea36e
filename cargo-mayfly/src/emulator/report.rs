//! [`Report`]: the duration and memory of an invocation.

use std::fmt;
use std::time::Duration;

/// The duration and memory of an invocation. Its text is the REPORT line of Lambda's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The request id.
    pub request_id: String,
    /// The time from the delivery of the event to the reply, or to the end of the process.
    pub duration: Duration,
    /// The time from the start of the process to its first request for an event, if the process was new.
    pub init_duration: Option<Duration>,
    /// The memory of the function in MB.
    pub memory_size_mb: u32,
    /// The peak memory of the process up to its last request in bytes; only on Linux.
    pub max_memory_used: Option<u64>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let duration = millis(self.duration);
        write!(f, "REPORT RequestId: {}\tDuration: {duration:.2} ms\t", self.request_id)?;
        write!(f, "Billed Duration: {:.0} ms\tMemory Size: {} MB", duration.ceil(), self.memory_size_mb)?;
        if let Some(bytes) = self.max_memory_used {
            write!(f, "\tMax Memory Used: {} MB", bytes.div_ceil(1 << 20))?;
        }
        if let Some(init) = self.init_duration {
            write!(f, "\tInit Duration: {:.2} ms", millis(init))?;
        }
        Ok(())
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_text_of_lambda() {
        let mut report = Report {
            request_id: "r".to_owned(),
            duration: Duration::from_micros(1234),
            init_duration: Some(Duration::from_millis(5)),
            memory_size_mb: 128,
            max_memory_used: Some(3 << 20),
        };
        let expected = "REPORT RequestId: r\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB";
        assert_eq!(report.to_string(), format!("{expected}\tMax Memory Used: 3 MB\tInit Duration: 5.00 ms"));
        report.init_duration = None;
        report.max_memory_used = None;
        assert_eq!(report.to_string(), expected);
    }
}
