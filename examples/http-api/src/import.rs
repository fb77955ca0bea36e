//! The route that reads files from a form.

use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, State};
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use crate::db::Database;
use crate::error::{ApiError, Mistake};
use crate::json::Validate;
use crate::notes::NewNote;
use crate::session::User;

/// Writes a note for each file of a `multipart/form-data` body: the file's name is the title, its content the text.
/// Nothing is written if one of the files is no valid note.
pub(crate) async fn import(
    State(db): Database,
    User(user): User,
    mut form: Multipart,
) -> Result<impl IntoResponse, ApiError> {
    let mut notes = Vec::new();
    let mut mistakes = Vec::new();
    while let Some(file) = form.next_field().await.map_err(|error| rejected(&error))? {
        let title = file.file_name().unwrap_or_default().to_owned();
        let note = NewNote { text: file.text().await.map_err(|error| rejected(&error))?, title };
        let of_this_file = |mistake: Mistake| Mistake { field: format!("{}.{}", note.title, mistake.field), ..mistake };
        mistakes.extend(note.mistakes().into_iter().map(of_this_file));
        notes.push(note);
    }
    if !mistakes.is_empty() {
        return Err(ApiError::Invalid(mistakes));
    }
    let (mut written, mut refused) = (Vec::new(), Vec::new());
    for NewNote { title, text } in notes {
        match db.write(&user, &title, &text)? {
            Some(id) => written.push(id),
            None => refused.push(title),
        }
    }
    Ok((StatusCode::CREATED, Json(json!({ "written": written, "titles that exist": refused }))))
}

fn rejected(error: &MultipartError) -> ApiError {
    ApiError::Rejected(error.status(), error.body_text())
}
