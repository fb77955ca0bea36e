use async_recursion::async_recursion;

#[async_recursion]
#[mayfly::handler]
async fn depth(levels: Vec<u8>) -> usize {
    if levels.is_empty() { 0 } else { 1 + depth(levels[1..].to_vec()).await }
}

fn main() {}
