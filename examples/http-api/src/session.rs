//! Sessions, each known by a random id in a cookie; `User`, the user of one.

use std::fmt::Write as _;

use axum::extract::{FromRequestParts, State};
use axum::response::{AppendHeaders, IntoResponse};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::db::{Database, Db};
use crate::error::{ApiError, Mistake};
use crate::json::{Valid, Validate};

const NAME: &str = "session";
const SECONDS: u32 = 8 * 60 * 60;
const MAX_LENGTH_OF_A_NAME: usize = 40;

/// The body of `POST /session`. A real service asks for a password here, or for the token of an identity provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    name: String,
}

impl Validate for SignIn {
    fn mistakes(&self) -> Vec<Mistake> {
        let is_name = (1..=MAX_LENGTH_OF_A_NAME).contains(&self.name.chars().count());
        if is_name { Vec::new() } else { vec![Mistake::new("name", "must have 1 to 40 characters")] }
    }
}

/// Begins a session, and sends its id as a cookie that scripts cannot read and other sites cannot send.
pub(crate) async fn sign_in(
    State(db): Database,
    Valid(SignIn { name }): Valid<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let id = random_id()?;
    db.begin_session(&id, &name, SECONDS)?;
    Ok((StatusCode::NO_CONTENT, cookie(&id, SECONDS)))
}

/// Ends the session, if there is one, and tells the browser to forget its cookie.
pub(crate) async fn sign_out(State(db): Database, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    if let Some(id) = session(&headers) {
        db.end_session(id)?;
    }
    Ok((StatusCode::NO_CONTENT, cookie("", 0)))
}

/// The user who is signed in. A handler with this parameter answers 401 to everybody else.
pub(crate) struct User(pub(crate) String);

impl FromRequestParts<mayfly::State<Db>> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, db: &mayfly::State<Db>) -> Result<Self, ApiError> {
        let id = session(&parts.headers).ok_or(ApiError::NotSignedIn)?;
        db.user(id)?.map(Self).ok_or(ApiError::NotSignedIn)
    }
}

/// Finds the id of the session among the cookies.
fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == NAME).then_some(value))
}

fn cookie(id: &str, seconds: u32) -> AppendHeaders<[(http::HeaderName, String); 1]> {
    let cookie = format!("{NAME}={id}; Max-Age={seconds}; Path=/; HttpOnly; Secure; SameSite=Lax");
    AppendHeaders([(SET_COOKIE, cookie)])
}

/// Makes an id of 128 random bits, which cannot be guessed.
fn random_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut id, byte| {
        _ = write!(id, "{byte:02x}");
        id
    }))
}
