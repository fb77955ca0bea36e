//! The handlers as Lambda calls them: inside of the functions that `main!` names.

use mayfly::testing;
use serde_json::{Value, json};

use crate::AROUND_ALL;
use crate::measured::tests::lines_of;
use crate::traced::tests::{children_of, span_of};

fn invoke(handler: &str, request_id: &str, event: &Value) -> Result<testing::Reply, testing::Failure> {
    let invoke = testing::invoke(handler).around(AROUND_ALL).event(event);
    invoke.header("Lambda-Runtime-Aws-Request-Id", request_id).run()
}

#[test]
fn an_order_is_charged_once_and_each_delivery_is_observed() {
    let event = json!({ "orderId": "o-1", "item": "cup", "quantity": 2 });
    let lines = lines_of(|| {
        let place = |id| invoke("observed::orders::place", id, &event).expect("the order is placed").json::<Value>();
        let receipt = place("delivery");
        assert_eq!((&receipt["orderId"], &receipt["cents"]), (&json!("o-1"), &json!(900)));
        assert_eq!(place("redelivery"), receipt, "the number of the payment tells a second payment");
    });
    let count = |value| Some((value, None));
    let [first, second] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!([first, second].map(|line| line.text("RequestId")), [Some("delivery"), Some("redelivery")]);
    assert_eq!([first, second].map(|line| line.single("OrdersPlaced")), [count(1.0), count(0.0)]);
    let spans = ["delivery", "redelivery"].map(|id| span_of(id).expect("the span has been exported"));
    assert_eq!(spans.map(|span| children_of(&span, "charge")), [1, 0]);
}

#[test]
fn a_wrong_order_is_an_error_with_a_line_and_a_span() {
    for (handler, event, name) in [
        ("observed::orders::place", json!({ "orderId": "o-2", "item": "car", "quantity": 1 }), "UnknownItem"),
        ("observed::orders::place", json!({ "orderId": "o-3", "item": "cup", "quantity": u32::MAX }), "TooMany"),
        ("observed::orders::place", json!({ "orderId": "o-4" }), "Runtime.InvalidEvent"),
        ("observed::orders::price", json!("car"), "UnknownItem"),
    ] {
        let request_id = format!("{handler} {event}");
        let lines = lines_of(|| {
            let failure = invoke(handler, &request_id, &event).expect_err("the order is wrong");
            assert_eq!(failure.error_type(), name);
        });
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(line.single("Errors"), Some((1.0, Some("Count"))));
        assert!(span_of(&request_id).is_some(), "{request_id}");
    }
}

#[test]
fn a_price_is_a_number_of_cents() {
    let lines = lines_of(|| {
        let reply = invoke("observed::orders::price", "price", &json!("kettle")).expect("there are kettles");
        assert_eq!(reply.json::<u32>(), 2900);
    });
    assert_eq!(lines.len(), 1);
}

#[test]
fn the_registry_has_no_mistakes() {
    testing::check().expect("every state has its init");
}
