//! Functions at work: real processes under a scripted Runtime API, and handlers that run inside the test.

mod budget;
mod causes;
mod concurrency;
mod endings;
mod events;
mod init;
mod json_paths;
mod logging;
mod outcomes;
mod panics;
mod properties;
mod quotes;
mod selection;
mod signals;
mod whole_path;
