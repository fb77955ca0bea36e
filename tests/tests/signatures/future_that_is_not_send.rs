use std::cell::RefCell;
use std::rc::Rc;

#[mayfly::handler]
async fn process(event: String) -> usize {
    let seen = Rc::new(RefCell::new(event));
    let kept = seen.borrow();
    std::future::ready(()).await;
    kept.len()
}

#[mayfly::init]
async fn limit() -> u32 {
    let limit = Rc::new(3);
    std::future::ready(()).await;
    *limit
}
