//! The routes of pictures, whose bodies are bytes in both directions.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::db::Database;
use crate::error::ApiError;
use crate::session::User;

const PNG: &str = "image/png";
/// The bytes that each PNG begins with.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Stores the PNG in the body with a note.
pub(crate) async fn store(
    State(db): Database,
    User(user): User,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    if !body.starts_with(SIGNATURE) {
        return Err(ApiError::Rejected(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a picture is a PNG".to_owned()));
    }
    if db.store_picture(&user, id, &body)? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}

/// Returns the picture of a note.
pub(crate) async fn picture(
    State(db): Database,
    User(user): User,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, ApiError> {
    let picture = db.picture(&user, id)?.ok_or(ApiError::NotFound)?;
    Ok(([(CONTENT_TYPE, PNG)], picture))
}
