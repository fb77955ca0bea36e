mayfly::main!(around = "trace");
