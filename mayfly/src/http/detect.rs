//! The source of an event, by the members that it has.

use super::envelope::{Envelope, RequestContext};
use super::rules::Rules;
use super::{alb, function_url, http_api, lattice, rest_api, websocket};

/// Finds the rules of an event's source, or says what the event lacks. A member that proves nothing is not asked for:
/// `rawPath` is also in the events of REST APIs with a custom domain.
pub(crate) fn rules(envelope: &Envelope<'_>) -> Result<&'static Rules, &'static str> {
    let Some(context) = &envelope.context else { return Err("it has no `requestContext`") };
    match context {
        RequestContext { has_elb: true, .. } if envelope.has_all_headers => Ok(&alb::ALL_VALUES),
        RequestContext { has_elb: true, .. } => Ok(&alb::ONE_VALUE),
        RequestContext { has_connection: true, event_type: Some(_), .. } => Ok(&websocket::RULES),
        RequestContext { has_service: true, .. } if envelope.method.is_some() => Ok(&lattice::RULES),
        RequestContext { method: Some(_), domain_name: Some(domain), .. } if domain.contains(".lambda-url.") => {
            Ok(&function_url::RULES)
        }
        RequestContext { method: Some(_), .. } => Ok(&http_api::RULES),
        RequestContext { stage: Some(_), .. } if envelope.http_method.is_some() => Ok(&rest_api::RULES),
        _ => Err("its `requestContext` is that of no source of HTTP requests: it has none of `http` (HTTP APIs and \
                  function URLs), `stage` beside a `httpMethod` (REST APIs), `elb` (load balancers), `connectionId` \
                  (WebSocket APIs) and `serviceArn` (VPC Lattice)"),
    }
}
