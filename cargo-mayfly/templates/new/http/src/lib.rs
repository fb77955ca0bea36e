//! The routes of {{name}}. The Handler setting `{{crate}}::api` serves all of them.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::{Json, Router};
use mayfly::Routes;
use serde::{Deserialize, Serialize};

/// The query of [`greet`].
#[derive(Deserialize)]
pub struct Guest {
    /// The name of the person.
    pub name: Option<String>,
}

/// Greets a person.
#[mayfly::get("/")]
pub fn greet(Query(guest): Query<Guest>) -> String {
    let name = guest.name.as_deref().unwrap_or("World");
    format!("Hello, {name}!")
}

/// The body of a request to [`place`].
#[derive(Deserialize)]
pub struct Order {
    /// The number of pieces.
    pub pieces: u32,
    /// The price of a piece in cents.
    pub cents: u32,
}

/// The body of the response of [`place`].
#[derive(Serialize)]
pub struct Receipt {
    /// The total in cents.
    pub total: u64,
}

/// Places an order.
///
/// # Errors
/// Responds with the status 422 to an order without pieces.
#[mayfly::post("/orders")]
pub async fn place(
    Json(order): Json<Order>,
) -> Result<(StatusCode, Json<Receipt>), (StatusCode, &'static str)> {
    if order.pieces == 0 {
        return Err((
            StatusCode::UNPROCESSABLE_ENTITY,
            "an order has at least one piece",
        ));
    }
    let total = u64::from(order.pieces) * u64::from(order.cents);
    Ok((StatusCode::CREATED, Json(Receipt { total })))
}

/// Builds the service of all routes. Handler setting: `{{crate}}::api`.
#[mayfly::service]
pub fn api(routes: Routes) -> Router {
    routes.into_router() // Add layers here, such as those of the crate tower-http.
}

#[cfg(test)]
mod tests {
    use super::*;

    // A route is an ordinary function: a unit test calls it.
    #[test]
    fn a_guest_without_a_name_is_greeted() {
        assert_eq!(greet(Query(Guest { name: None })), "Hello, World!");
    }
}
