//! A weather station that streams: replies that are sent while they are made.
//!
//! | Handler | Event | What it does |
//! |---|---|---|
//! | `streaming::export::export` | `{"rows": 1000000}` | sends that many readings as CSV, in constant memory |
//! | `streaming::live::live` | a function URL, a REST API | serves a page that shows the readings as they come |
//!
//! Call the first with `InvokeWithResponseStream`, and open the second in a browser:
//!
//! ```sh
//! cargo mayfly invoke streaming::export::export --data '{"rows": 1000000}' > readings.csv
//! cargo mayfly dev --package streaming # serves the page at http://127.0.0.1:9100/
//! ```

pub mod export;
pub mod live;
pub mod station;
