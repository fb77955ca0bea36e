//! `Order`, what each route answers with, and the lists of routes.

use axum::Router;
use serde::Serialize;
use tower_http::cors::CorsLayer;

/// The response of every route.
#[derive(Serialize)]
pub struct Order {
    /// The parameter of the path.
    pub id: u64,
    /// The name of the route.
    pub name: &'static str,
}

/// Adds the layer that every application has.
pub fn layered(router: Router) -> Router {
    router.layer(CorsLayer::permissive())
}

/// Writes a function for each name, as a route of Mayfly with that pattern, and the service that takes them.
#[macro_export]
macro_rules! routes {
    ($($name:ident $pattern:tt)*) => {
        $(
            #[::mayfly::get($pattern)]
            async fn $name(::axum::extract::Path(id): ::axum::extract::Path<u64>) -> ::axum::Json<$crate::Order> {
                ::axum::Json($crate::Order { id, name: stringify!($name) })
            }
        )*

        #[::mayfly::service]
        fn take(routes: ::mayfly::Routes) -> ::axum::Router {
            $crate::layered(routes.into_router())
        }
    };
}

/// Writes the same functions and a service that adds them to a router of axum by hand.
#[macro_export]
macro_rules! by_hand {
    ($($name:ident $pattern:tt)*) => {
        $(
            async fn $name(::axum::extract::Path(id): ::axum::extract::Path<u64>) -> ::axum::Json<$crate::Order> {
                ::axum::Json($crate::Order { id, name: stringify!($name) })
            }
        )*

        #[::mayfly::service]
        fn take() -> ::axum::Router {
            $crate::layered(::axum::Router::new()$(.route($pattern, ::axum::routing::get($name)))*)
        }
    };
}

/// Passes the names and the patterns of a hundred routes to one of the macros above.
#[macro_export]
macro_rules! hundred {
    ($with:ident) => {
        $crate::$with! {
            place_order "/orders/{id}/place" cancel_order "/orders/{id}/cancel" price_order "/orders/{id}/price"
            ship_order "/orders/{id}/ship" refund_order "/orders/{id}/refund" list_order "/orders/{id}/list"
            find_order "/orders/{id}/find" archive_order "/orders/{id}/archive" notify_order "/orders/{id}/notify"
            review_order "/orders/{id}/review" place_parcel "/parcels/{id}/place" cancel_parcel "/parcels/{id}/cancel"
            price_parcel "/parcels/{id}/price" ship_parcel "/parcels/{id}/ship" refund_parcel "/parcels/{id}/refund"
            list_parcel "/parcels/{id}/list" find_parcel "/parcels/{id}/find" archive_parcel "/parcels/{id}/archive"
            notify_parcel "/parcels/{id}/notify" review_parcel "/parcels/{id}/review"
            place_invoice "/invoices/{id}/place" cancel_invoice "/invoices/{id}/cancel"
            price_invoice "/invoices/{id}/price" ship_invoice "/invoices/{id}/ship"
            refund_invoice "/invoices/{id}/refund" list_invoice "/invoices/{id}/list"
            find_invoice "/invoices/{id}/find" archive_invoice "/invoices/{id}/archive"
            notify_invoice "/invoices/{id}/notify" review_invoice "/invoices/{id}/review"
            place_customer "/customers/{id}/place" cancel_customer "/customers/{id}/cancel"
            price_customer "/customers/{id}/price" ship_customer "/customers/{id}/ship"
            refund_customer "/customers/{id}/refund" list_customer "/customers/{id}/list"
            find_customer "/customers/{id}/find" archive_customer "/customers/{id}/archive"
            notify_customer "/customers/{id}/notify" review_customer "/customers/{id}/review"
            place_address "/addresss/{id}/place" cancel_address "/addresss/{id}/cancel"
            price_address "/addresss/{id}/price" ship_address "/addresss/{id}/ship"
            refund_address "/addresss/{id}/refund" list_address "/addresss/{id}/list"
            find_address "/addresss/{id}/find" archive_address "/addresss/{id}/archive"
            notify_address "/addresss/{id}/notify" review_address "/addresss/{id}/review"
            place_voucher "/vouchers/{id}/place" cancel_voucher "/vouchers/{id}/cancel"
            price_voucher "/vouchers/{id}/price" ship_voucher "/vouchers/{id}/ship"
            refund_voucher "/vouchers/{id}/refund" list_voucher "/vouchers/{id}/list"
            find_voucher "/vouchers/{id}/find" archive_voucher "/vouchers/{id}/archive"
            notify_voucher "/vouchers/{id}/notify" review_voucher "/vouchers/{id}/review"
            place_payment "/payments/{id}/place" cancel_payment "/payments/{id}/cancel"
            price_payment "/payments/{id}/price" ship_payment "/payments/{id}/ship"
            refund_payment "/payments/{id}/refund" list_payment "/payments/{id}/list"
            find_payment "/payments/{id}/find" archive_payment "/payments/{id}/archive"
            notify_payment "/payments/{id}/notify" review_payment "/payments/{id}/review"
            place_article "/articles/{id}/place" cancel_article "/articles/{id}/cancel"
            price_article "/articles/{id}/price" ship_article "/articles/{id}/ship"
            refund_article "/articles/{id}/refund" list_article "/articles/{id}/list"
            find_article "/articles/{id}/find" archive_article "/articles/{id}/archive"
            notify_article "/articles/{id}/notify" review_article "/articles/{id}/review"
            place_supplier "/suppliers/{id}/place" cancel_supplier "/suppliers/{id}/cancel"
            price_supplier "/suppliers/{id}/price" ship_supplier "/suppliers/{id}/ship"
            refund_supplier "/suppliers/{id}/refund" list_supplier "/suppliers/{id}/list"
            find_supplier "/suppliers/{id}/find" archive_supplier "/suppliers/{id}/archive"
            notify_supplier "/suppliers/{id}/notify" review_supplier "/suppliers/{id}/review"
            place_contract "/contracts/{id}/place" cancel_contract "/contracts/{id}/cancel"
            price_contract "/contracts/{id}/price" ship_contract "/contracts/{id}/ship"
            refund_contract "/contracts/{id}/refund" list_contract "/contracts/{id}/list"
            find_contract "/contracts/{id}/find" archive_contract "/contracts/{id}/archive"
            notify_contract "/contracts/{id}/notify" review_contract "/contracts/{id}/review"
        }
    };
}
