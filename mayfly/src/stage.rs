//! `Stage`: a stage of the process before its first event, with the words of its failure.

/// A stage of the process before its first event.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The end of the path to which a failure is posted.
    pub(crate) path: &'static str,
    /// The error type of a failure that has no name of its own.
    pub(crate) error_type: &'static str,
    /// The beginning of the message of a failure.
    pub(crate) title: &'static str,
}

/// The selection of the handler, and the inits.
pub(crate) static INIT: Stage =
    Stage { path: "/init/error", error_type: "Runtime.InitError", title: "Initialization error" };

/// The functions under `#[mayfly::before_snapshot]`, and the wait for the restore.
pub(crate) static BEFORE_SNAPSHOT: Stage =
    Stage { path: "/init/error", error_type: "Runtime.BeforeSnapshotError", title: "Snapshot error" };

/// The functions under `#[mayfly::after_restore]`.
pub(crate) static AFTER_RESTORE: Stage =
    Stage { path: "/restore/error", error_type: "Runtime.AfterRestoreError", title: "Restore error" };
