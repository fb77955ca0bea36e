//! The binary that Lambda starts. Its one handler is `http_api::api`.

mayfly::main!(http_api);
