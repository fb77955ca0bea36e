//! The routes of notes.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::LOCATION;
use serde::Deserialize;
use serde_json::json;

use crate::db::{Database, Note};
use crate::error::{ApiError, Mistake};
use crate::json::{Valid, Validate};
use crate::session::User;

const MAX_LENGTH_OF_A_TITLE: usize = 100;
const MAX_LENGTH_OF_A_TEXT: usize = 10_000;

/// A note as a caller writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    pub(crate) title: String,
    pub(crate) text: String,
}

impl Validate for NewNote {
    fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if self.title.trim().is_empty() {
            mistakes.push(Mistake::new("title", "must not be empty"));
        }
        for (field, value, most) in
            [("title", &self.title, MAX_LENGTH_OF_A_TITLE), ("text", &self.text, MAX_LENGTH_OF_A_TEXT)]
        {
            let length = value.chars().count();
            if length > most {
                let reason = format!("must have at most {most} characters, and has {length}");
                mistakes.push(Mistake::new(field, reason));
            }
        }
        mistakes
    }
}

/// The query of a list.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    search: String,
    page: u32,
}

/// Lists the user's notes.
pub(crate) async fn list(
    State(db): Database,
    User(user): User,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Note>>, ApiError> {
    Ok(Json(db.notes(&user, &filter.search, filter.page)?))
}

/// Writes a note: 201 with its address, or 409 if the user has a note of that title.
pub(crate) async fn write(
    State(db): Database,
    User(user): User,
    Valid(NewNote { title, text }): Valid<NewNote>,
) -> Result<impl IntoResponse, ApiError> {
    match db.write(&user, &title, &text)? {
        Some(id) => {
            log::info!(id = id; "a note is written");
            Ok((StatusCode::CREATED, [(LOCATION, format!("/notes/{id}"))], Json(json!({ "id": id }))))
        }
        None => Err(ApiError::Conflict(format!("there is a note with the title `{title}`"))),
    }
}

/// Reads a note.
pub(crate) async fn read(State(db): Database, User(user): User, Path(id): Path<i64>) -> Result<Json<Note>, ApiError> {
    db.note(&user, id)?.map(Json).ok_or(ApiError::NotFound)
}

/// Deletes a note.
pub(crate) async fn delete(State(db): Database, User(user): User, Path(id): Path<i64>) -> Result<StatusCode, ApiError> {
    if db.delete(&user, id)? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
