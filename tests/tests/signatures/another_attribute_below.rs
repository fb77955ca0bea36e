use async_recursion::async_recursion;

#[mayfly::handler]
#[async_recursion]
async fn depth(levels: Vec<u8>, context: mayfly::Context) -> Result<usize, String> {
    if levels.is_empty() { Ok(0) } else { Ok(1 + depth(levels[1..].to_vec(), context).await?) }
}
