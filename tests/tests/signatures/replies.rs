type Answer<T> = Result<T, std::num::ParseIntError>;

#[derive(serde::Serialize)]
struct Receipt {
    id: u64,
}

#[mayfly::handler]
fn value() -> Vec<Option<Receipt>> {
    vec![Some(Receipt { id: 1 })]
}

#[mayfly::handler]
fn text() -> &'static str {
    "done"
}

#[mayfly::handler]
async fn aliased() -> Answer<Receipt> {
    Ok(Receipt { id: "1".parse()? })
}

#[mayfly::handler]
fn unit() -> Result<(), std::io::Error> {
    Ok(())
}

#[mayfly::handler]
fn unnamed() -> impl serde::Serialize {
    "unnamed"
}

#[mayfly::handler]
fn through_a_projection() -> <fn() -> Result<u8, String> as Returns>::Value {
    Ok(1)
}

trait Returns {
    type Value;
}

impl<T> Returns for fn() -> T {
    type Value = T;
}

/// A type of the user that is named `Result`.
mod search {
    #[derive(serde::Serialize)]
    pub struct Result {
        pub hits: u8,
    }
}

#[mayfly::handler]
fn named_like_a_result() -> Result<Vec<search::Result>, String> {
    Ok(vec![search::Result { hits: 1 }])
}
