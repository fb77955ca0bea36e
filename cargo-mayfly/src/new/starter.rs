//! [`Starter`]: the files with which a new project starts.

/// The files of a new project that depend on its kind: a project for events, or one for HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starter {
    pub(crate) library: &'static str,
    pub(crate) readme: &'static str,
    pub(crate) tests: &'static str,
    /// The path of the tests.
    pub(crate) tests_path: &'static str,
    pub(crate) is_http: bool,
}

/// Handlers of events.
const EVENTS: Starter = Starter {
    library: include_str!("../../templates/new/src/lib.rs"),
    readme: include_str!("../../templates/new/README.md"),
    tests: include_str!("../../templates/new/tests/handlers.rs"),
    tests_path: "tests/handlers.rs",
    is_http: false,
};

/// Routes on axum.
const HTTP: Starter = Starter {
    library: include_str!("../../templates/new/http/src/lib.rs"),
    readme: include_str!("../../templates/new/http/README.md"),
    tests: include_str!("../../templates/new/http/tests/routes.rs"),
    tests_path: "tests/routes.rs",
    is_http: true,
};

impl Starter {
    /// Returns the files for HTTP, or those for events.
    pub(crate) fn of(is_http: bool) -> Self {
        if is_http { HTTP } else { EVENTS }
    }
}
