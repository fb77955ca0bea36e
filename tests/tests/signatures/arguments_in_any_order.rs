use mayfly::{Context, Error, FromInvocation, Invocation, Needs, State};

struct Tenant(String);

impl FromInvocation for Tenant {
    fn from_invocation(invocation: &Invocation<'_>) -> Result<Self, Error> {
        let limit: State<u32> = invocation.state()?;
        Ok(Self(limit.to_string()))
    }

    fn needs(needs: &mut Needs) {
        needs.state::<u32>();
    }
}

#[mayfly::handler]
fn one(event: u8, limit: State<u32>, context: Context, tenant: Tenant) -> String {
    format!("{event}{}{}{}", *limit, context.request_id, tenant.0)
}

#[mayfly::handler]
async fn other(_event: u8, _tenant: Tenant, _context: Context, _again: Context, _limit: State<u32>) {}
