use std::cell::RefCell;

#[mayfly::init]
async fn counts() -> RefCell<Vec<u32>> {
    RefCell::default()
}

fn main() {}
