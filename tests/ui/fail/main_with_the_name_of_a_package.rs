mayfly::main!(my-app);
