struct Limits;

impl Limits {
    #[mayfly::init]
    async fn limit() -> u32 {
        3
    }
}

fn main() {}
