#[mayfly::handler]
fn greet(name: String) -> String {
    name
}

mayfly::main!(around = [greet]);
