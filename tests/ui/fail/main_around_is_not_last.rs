mayfly::main!(around = [trace], my_app);
