mayfly::main!(crate);
