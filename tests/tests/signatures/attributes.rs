#![deny(warnings)]
#![allow(unexpected_cfgs)]

#[mayfly::handler]
#[doc(hidden)]
#[must_use]
#[inline]
pub fn documented(event: u8) -> u8 {
    event
}

#[deprecated]
#[mayfly::handler]
async fn deprecated_above(_: u8) {}

#[mayfly::handler]
#[deprecated = "use another"]
fn deprecated_below(_: u8) {}

#[mayfly::handler]
#[allow(unused_variables)]
fn allowed(event: u8) {}

#[mayfly::handler]
#[tracing::instrument]
async fn traced(event: u8) -> Result<u8, String> {
    Ok(event)
}

#[tracing::instrument(skip_all)]
#[mayfly::handler]
fn traced_above(_event: u8) {}

// `cfg` removes the function and its registration, above or below the attribute: these would not compile otherwise.
#[cfg(windows_and_unix)]
#[mayfly::handler]
fn absent(_: Nowhere) {}

#[mayfly::handler]
#[cfg(windows_and_unix)]
fn absent_below(_: Nowhere) {}

#[cfg_attr(all(), mayfly::handler)]
fn conditional(_: u8) {}

#[cfg(windows_and_unix)]
#[mayfly::handler]
fn either(_: Nowhere) {}

#[cfg(not(windows_and_unix))]
#[mayfly::handler]
fn either(_: u8) {}
