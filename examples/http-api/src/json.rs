//! `Valid`: a JSON body that keeps the rules of its type.

use std::error::Error;
use std::iter::successors;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Mistake};

/// Rules that the type's fields do not express.
pub(crate) trait Validate {
    /// Lists the mistakes.
    fn mistakes(&self) -> Vec<Mistake>;
}

/// A JSON body that is valid. Any other is a 422 that names the fields, a 400 if it is not JSON, or a 415 if it does not
/// say that it is.
pub(crate) struct Valid<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequest<S> for Valid<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Json(value) = Json::<T>::from_request(request, state).await.map_err(|error| rejected(&error))?;
        let mistakes = value.mistakes();
        if mistakes.is_empty() { Ok(Self(value)) } else { Err(ApiError::Invalid(mistakes)) }
    }
}

type WithPath = serde_path_to_error::Error<serde_json::Error>;

fn rejected(rejection: &JsonRejection) -> ApiError {
    if let JsonRejection::JsonDataError(error) = rejection {
        // axum wraps the error that knows the path of the field.
        let mut causes = successors(Some(error as &dyn Error), |&error| error.source());
        if let Some(error) = causes.find_map(|error| error.downcast_ref::<WithPath>()) {
            return ApiError::Invalid(vec![Mistake::new(error.path().to_string(), error.inner().to_string())]);
        }
    }
    ApiError::Rejected(rejection.status(), rejection.body_text())
}
