//! Tests `cargo mayfly dev` as browsers and other HTTP clients use it, on a fixture that is a web site.

#[path = "common/cargo.rs"]
mod cargo;
#[path = "common/dev_server.rs"]
mod dev_server;
#[path = "common/http.rs"]
mod http;
#[path = "common/outside.rs"]
mod outside;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use cargo::CARGO;
use dev_server::{DevServer, LONG, wait_for};
use http::Response;

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

/// A server with HTTP functions.
struct Site {
    dev: DevServer,
    /// The address of the HTTP functions.
    address: String,
}

impl Site {
    fn start(arguments: &[&str]) -> Self {
        let dev = DevServer::start(&workspace(), &[&["--package", "site"], arguments].concat(), &[]);
        let address = address_of(&dev, "site::pages", "/");
        Self { dev, address }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        http::send(&self.address, method, path, headers, body)
    }

    fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], b"")
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(LONG)).expect("it can be set");
        stream
    }

    /// Sends bytes over a new connection, closes this side of it, and returns all that comes back.
    fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_ref()).expect("it is sent");
        stream.shutdown(Shutdown::Write).expect("it is open");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Waits for the line with the address of an HTTP function, which is served at this path.
fn address_of(dev: &DevServer, function: &str, path: &str) -> String {
    let line = dev.says(&format!("{path} serves {function}"));
    let url = line.split_whitespace().next().expect("a URL");
    let address = url.strip_prefix("http://").and_then(|url| url.strip_suffix(path));
    address.unwrap_or_else(|| panic!("no address in {line}")).to_owned()
}

fn all<'a>(response: &'a Response, name: &str) -> Vec<&'a str> {
    let named = response.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str()).collect()
}

#[test]
fn the_only_service_is_at_the_root_and_shares_its_process_with_the_invoke_api() {
    let site = Site::start(&[]);
    let page = site.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("<form action=\"/upload\""), "{page}");
    let id = page.request_id();
    site.dev.says(&format!("site::pages | REPORT RequestId: {id}\tDuration: "));
    site.dev.says("site::pages | GET /: 200 OK in ");

    let event =
        r#"{"version":"2.0","rawPath":"/cookies","cookies":["a=1"],"requestContext":{"http":{"method":"GET"}}}"#;
    assert!(site.dev.invoke("site::pages", event).text().contains("a=1"));
    assert_eq!(site.dev.functions().len(), 1);
    assert_eq!(site.dev.count("started with the handler site::pages"), 1);

    let missing = site.get("/nowhere");
    assert_eq!((missing.status, missing.text().as_str()), (404, "there is no such page"), "the site's own 404");
}

#[test]
fn no_byte_of_a_request_is_lost() {
    let site = Site::start(&[]);
    for target in [
        "/echo/a%2Fb%20c%25%3F?x=%20+%2B&y&z=&x=2",
        "//echo//x",
        "/echo/a/../b/./c/%2e%2e/",
        "/echo/\\x|y",
        "/echo/gr%C3%B6%C3%9Fe?q=%C3%A9%ff",
    ] {
        let echo = site.get(target);
        assert_eq!(echo.text().lines().next(), Some(&*format!("GET {target}")));
    }
    let named =
        site.exchange("GET /echo HTTP/1.1\r\nhost: localhost\r\nconnection: close, X-Hop, host\r\nx-hop: 1\r\n\r\n");
    assert!(named.contains("host: localhost") && !named.contains("x-hop"), "{named}");
    let binary: Vec<u8> = (0..=255).collect();
    let headers = [("x-twice", "one"), ("x-twice", "two"), ("Cookie", "a=1; b=\"2 3\""), ("x-empty", "")];
    let echo = site.send("PATCH", "/echo", &headers, &binary);
    assert!(echo.body.ends_with(&binary), "the body is the same bytes");
    let text = echo.text();
    for line in [
        "x-twice: one,two",
        "cookie: a=1; b=\"2 3\"",
        "x-empty: ",
        "content-length: 256",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: http",
        &format!("host: {}", site.address),
        &format!("x-forwarded-port: {}", site.address.split(':').nth(1).expect("a port")),
    ] {
        assert!(text.lines().any(|sent| sent == line), "{line}: {text}");
    }
    assert!(text.lines().any(|line| line.starts_with("x-amzn-trace-id: Root=1-")), "{text}");
    assert!(!text.contains("connection: "), "it ends at the gateway: {text}");
}

#[test]
fn no_byte_of_a_response_is_lost() {
    let site = Site::start(&[]);
    let picture = site.get("/square.png");
    let square = fs::read(workspace().join("tests/fixtures/site/src/square.png")).expect("it is there");
    assert_eq!((picture.header("content-type"), &picture.body), (Some("image/png"), &square));

    let gzip = site.get("/gzip");
    assert_eq!((gzip.header("content-encoding"), &gzip.body[..2]), (Some("gzip"), &[31, 139][..]));

    let signed_in = site.get("/sign-in");
    assert_eq!((signed_in.status, signed_in.header("location")), (303, Some("/cookies")));
    assert_eq!(all(&signed_in, "set-cookie"), ["session=abc; Path=/; HttpOnly", "theme=dark; Path=/"]);

    let headers = site.get("/headers");
    assert_eq!(all(&headers, "link"), ["</a>, </b>"], "a function URL joins them");
    assert_eq!((headers.header("x-name"), headers.header("connection")), (Some("Zoë"), Some("close")));
    assert_eq!(all(&headers, "content-length"), ["4"]);

    let head = site.send("HEAD", "/square.png", &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(all(&head, "content-length"), [square.len().to_string()], "the length of the picture");
}

#[test]
fn connections_are_served_as_http_1_allows() {
    let site = Site::start(&[]);
    let host = format!("host: {}\r\n", site.address);
    let kept = site.exchange(format!(
        "GET /cookies HTTP/1.1\r\n{host}cookie: n=1\r\n\r\nGET /cookies HTTP/1.1\r\n{host}cookie: n=2\r\n\r\n"
    ));
    assert_eq!(kept.matches("HTTP/1.1 200 OK").count(), 2, "two requests of one connection: {kept}");
    assert!(kept.contains("n=1") && kept.contains("n=2"), "{kept}");

    let chunked = "POST /form HTTP/1.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n";
    let chunked = site.exchange(format!("{chunked}{host}\r\n4\r\na=1&\r\n3;x=y\r\nb=2\r\n0\r\nx-trailer: t\r\n\r\n"));
    assert!(chunked.contains("a=1&b=2"), "{chunked}");
    let dechunked = "POST /echo HTTP/1.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n";
    let dechunked = site.exchange(format!("{dechunked}{host}\r\n1\r\nx\r\n0\r\n\r\n"));
    assert!(dechunked.contains("content-length: 1\n") && !dechunked.contains("transfer-encoding"), "{dechunked}");

    let old = site.exchange("GET /echo HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 200 OK\r\n"), "{old}");
    assert!(old.contains(&format!("\nhost: {}\n", site.address)), "the function gets a host: {old}");
    let absolute = site.exchange(format!("GET http://{}/echo?x HTTP/1.1\r\n{host}\r\n", site.address));
    assert!(absolute.contains("GET /echo?x\n"), "{absolute}");
    let options = site.exchange(format!("OPTIONS * HTTP/1.1\r\n{host}\r\n"));
    assert!(options.starts_with("HTTP/1.1 404 Not Found\r\n"), "it is the site's answer: {options}");
    let proxied = site.exchange(format!("CONNECT example.com:443 HTTP/1.1\r\n{host}\r\n"));
    assert!(proxied.starts_with("HTTP/1.1 4"), "{proxied}");
    let latin_1 = format!("GET /echo HTTP/1.1\r\nconnection: close\r\n{host}x-name: Zo");
    let latin_1 = site.exchange([latin_1.as_bytes(), b"\xeb\r\n\r\n"].concat());
    assert!(latin_1.contains("x-name: Zoë\n"), "{latin_1}");
    for junk in ["\0\x01\x02\r\n\r\n", "GET /%zz\u{7f} HTTP/1.1\r\n\r\n", "GET / HTTP/9\r\n\r\n"] {
        assert!(site.exchange(junk).starts_with("HTTP/1.1 400 "), "{junk:?}");
    }
    let cut = site.exchange(format!("POST /form HTTP/1.1\r\n{host}content-length: 10\r\n\r\nabc"));
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 400 "), "{cut}");
    assert_eq!(site.get("/").status, 200, "it goes on");
}

#[test]
fn a_client_that_expects_100_is_asked_for_its_body_or_refused() {
    let site = Site::start(&[]);
    let expect = |length: usize| {
        let mut stream = site.connect();
        let head =
            format!("POST /form HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nexpect: 100-continue\r\n", site.address);
        stream.write_all(format!("{head}content-length: {length}\r\n\r\n").as_bytes()).expect("it is sent");
        let mut answer = [0; 25];
        stream.read_exact(&mut answer).expect("it answers");
        (stream, String::from_utf8_lossy(&answer).into_owned())
    };
    let (mut stream, interim) = expect(3);
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"a=1").expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("a=1"), "{answer}");
    assert!(expect(7 << 20).1.starts_with("HTTP/1.1 413 Payload"));
}

#[test]
fn uploads_have_at_most_the_6_mb_of_an_event() {
    let site = Site::start(&[]);
    let upload = |file: &[u8]| {
        let form = [&b"--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n"[..], file, b"\r\n--b--\r\n"];
        site.send("POST", "/upload", &[("content-type", "multipart/form-data; boundary=b")], &form.concat())
    };
    for (byte, megabytes) in [(b'x', 5), (0xff, 4)] {
        let file = vec![byte; megabytes << 20];
        let expected = format!("{} bytes, sum {}", file.len(), file.len() * usize::from(byte));
        let page = upload(&file);
        assert_eq!(page.status, 200, "{page}");
        assert!(page.text().contains(&expected), "{page}");
    }
    for file in [vec![0xff; 5 << 20], vec![b'x'; 7 << 20]] {
        let page = upload(&file);
        assert_eq!(page.status, 413);
        let sentence = "413 Payload Too Large: the event of the request has more than 6291456 bytes, which is Lambda's";
        assert!(page.text().starts_with(sentence), "{page}");
    }
    assert_eq!(site.dev.functions().len(), 1, "nothing was started for the others");
}

#[test]
fn a_failed_invocation_shows_its_report() {
    let site = Site::start(&["--timeout", "2"]);
    let failed = site.get("/fail");
    assert_eq!((failed.status, failed.header("content-type")), (502, Some("text/plain; charset=utf-8")));
    let text = failed.text();
    assert!(text.starts_with("502 Bad Gateway: site::pages failed\nOutOfOrder: the <machine> is out of order\n    "));
    assert!(text.contains("site::fail (tests/fixtures/site/src/main.rs:"), "{text}");
    assert!(text.ends_with("caused by core::num::error::ParseIntError: invalid digit found in string"), "{text}");

    let page = site.send("GET", "/fail", &[BROWSER], b"");
    assert_eq!((page.status, page.header("content-type")), (502, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("<p>OutOfOrder: the &lt;machine&gt; is out of order</p>"), "{page}");

    let panicked = site.get("/panic");
    assert_eq!(panicked.status, 502);
    assert!(panicked.text().contains("\nRuntime.HandlerPanic: the machine is on fire\n"), "{panicked}");

    let late = site.get("/sleep/600000");
    assert_eq!(late.status, 504);
    assert!(late.text().contains("\nSandbox.Timedout: Task timed out after 2.00 seconds"), "{late}");
    site.dev.says("site::pages | GET /sleep/600000: 504 Gateway Timeout in 2");
    assert_eq!(site.get("/").status, 200, "the next request has a new process");
}

#[test]
fn a_page_with_six_connections_is_served_by_as_many_processes_as_may_be() {
    let mut site = Site::start(&["--concurrency", "3"]);
    thread::scope(|scope| {
        for pause in 0..6 {
            let path = format!("/sleep/{}", 700 + pause);
            let site = &site;
            scope.spawn(move || assert_eq!(site.get(&path).status, 200));
        }
        wait_for("three processes", || (site.dev.functions().len() == 3).then_some(()));
    });
    site.dev.says(" --request 'GET /'");
    wait_for("a line a request", || (site.dev.count("/sleep/70") == 6).then_some(()));
    // A client that closes its connection does not end the invocation.
    drop(site.connect().write_all(format!("GET /sleep/300 HTTP/1.1\r\nhost: {}\r\n\r\n", site.address).as_bytes()));
    wait_for("its end", || (site.dev.count("| REPORT ") == 7).then_some(()));
    assert_eq!(site.dev.end("TERM"), Some(0));
}

#[test]
fn a_web_page_that_gives_its_own_name_this_address_is_refused() {
    let site = Site::start(&[]);
    for host in ["evil.example", "evil.example:9100", "localhost.evil.example"] {
        let refused = site.exchange(format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n"));
        assert!(refused.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{refused}");
        assert!(refused.contains(&format!("403 Forbidden: the host `{host}` is not this machine\n")), "{refused}");
    }
    let absolute = site.exchange("GET http://evil.example/ HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    assert!(absolute.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{absolute}");
    assert_eq!(site.dev.functions(), [0; 0], "nothing was started for them");
    for host in ["localhost", "LOCALHOST:1", "site.localhost", "127.0.0.1", "[::1]:9100"] {
        let served = site.exchange(format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n"));
        assert!(served.starts_with("HTTP/1.1 200 OK\r\n"), "{host}: {served}");
    }
    let several = site.exchange("GET / HTTP/1.1\r\nhost: localhost\r\nhost: 127.0.0.1\r\n\r\n");
    assert!(several.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{several}");
    let form = site.send("POST", "/form", &[("origin", &format!("http://{}", site.address))], b"a=1");
    assert_eq!(form.status, 200, "a form of the site itself has an origin, too");
}

#[test]
fn several_functions_are_below_their_names() {
    let dev = DevServer::start(&workspace(), &["--package", "routes", "--bin", "unlayered"], &[]);
    let address = address_of(&dev, "mayfly::routes", "/mayfly::routes/");
    assert_eq!(address_of(&dev, "unlayered::own", "/unlayered::own/"), address);
    let get = |path: &str, headers: &[(&str, &str)]| http::send(&address, "GET", path, headers, b"");

    let index = get("/", &[]);
    let list = "HTTP functions\n  /mayfly::routes/  mayfly::routes\n  /unlayered::own/  unlayered::own";
    assert_eq!((index.status, index.text().as_str()), (200, list));
    let page = get("/", &[BROWSER]);
    assert!(page.text().contains("<a href=\"/unlayered::own/\">unlayered::own</a>"), "{page}");

    let route = get("/mayfly::routes/alone", &[]);
    assert_eq!((route.status, route.text().as_str()), (200, "alone"));
    assert_eq!(get("/unlayered::own/alone", &[]).status, 404, "the service has no such route");
    let folder = get("/mayfly::routes?x=1", &[]);
    assert_eq!((folder.status, folder.header("location")), (308, Some("/mayfly::routes/?x=1")));
    let nowhere = get("/alone", &[]);
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.text().starts_with("404 Not Found: no HTTP function is at /alone\n"), "{nowhere}");
    assert!(nowhere.text().ends_with("\n  /unlayered::own/  unlayered::own"), "{nowhere}");
    dev.says("http | GET /alone: 404 Not Found in ");
}

#[test]
fn an_upload_that_no_function_gets_is_read_before_it_is_refused() {
    let dev = DevServer::start(&workspace(), &["--package", "routes", "--bin", "unlayered"], &[]);
    let address = address_of(&dev, "unlayered::own", "/unlayered::own/");
    let upload = vec![b'x'; 5 << 20];
    for (path, headers, status) in [
        ("/alone", &[][..], 404),
        ("/unlayered::own", &[], 308),
        ("/", &[], 200),
        ("/unlayered::own/", &[("host", "evil.example")], 403),
    ] {
        assert_eq!(http::send(&address, "POST", path, headers, &upload).status, status, "{path}");
    }
}

#[test]
fn a_function_that_several_binaries_have_is_refused_with_the_flags_that_select_one() {
    let dev = DevServer::start(&workspace(), &["--package", "routes"], &[]);
    let address = address_of(&dev, "mayfly::routes", "/mayfly::routes/");
    let page = http::send(&address, "GET", "/mayfly::routes/one", &[], b"");
    assert_eq!(page.status, 409);
    assert!(page.text().contains("several binaries have `mayfly::routes`; start `cargo mayfly dev` with one of: "));
    let page = http::send(&address, "GET", "/unlayered::own/own", &[], b"");
    assert_eq!((page.status, page.text().as_str()), (200, "own"));
    let page = http::send(&address, "GET", "/layered::api/health", &[], b"");
    assert_eq!(page.status, 502);
    assert!(page.text().contains("\nRuntime.InitError: Initialization error: `layered::mails` "), "{page}");
}

#[test]
fn a_port_in_use_is_named_and_matters_only_to_http_functions() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it has one").port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mayfly"));
    command.current_dir(workspace()).args(["dev", "--package", "site", "--port", "0", "--http-port", &port]);
    let output = command.env("CARGO", CARGO).output().expect("the command can be run");
    let err = String::from_utf8_lossy(&output.stderr);
    let expected = format!("error: port {port} of 127.0.0.1 is in use; choose another with --http-port\n");
    assert!(output.status.code() == Some(2) && err.ends_with(&expected), "{err}");

    let greeter = DevServer::start(&workspace(), &["--package", "greeter", "--http-port", &port], &[]);
    assert_eq!(greeter.invoke("greeter::greet", "{}").status, 200);
    assert_eq!(greeter.count("HTTP"), 0, "{:?}", greeter.said());
}

/// A package whose sources a test changes. Its dependencies are those of a new project with routes.
struct Changing(tempfile::TempDir);

impl Changing {
    fn new() -> Self {
        // Outside of the target folder, whose changes start no build.
        let this = Self(tempfile::tempdir().expect("a folder can be made"));
        let mayfly = workspace().join("mayfly").display().to_string();
        this.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"changing\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [dependencies]\n\
                 axum = {{ version = \"0.8\", default-features = false, features = [\"json\", \"query\"] }}\n\
                 mayfly = {{ path = {mayfly:?}, features = [\"axum\"] }}\n\
                 serde = {{ version = \"1\", features = [\"derive\"] }}\n"
            ),
        );
        fs::copy(workspace().join("Cargo.lock"), this.0.path().join("Cargo.lock")).expect("it can be copied");
        this.write("src/main.rs", "mayfly::main!(changing);\n");
        this
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.0.path().join(file);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
    }

    fn route(&self, text: &str) {
        self.write("src/lib.rs", &format!("#[mayfly::get(\"/\")]\npub fn root() -> &'static str {{ \"{text}\" }}\n"));
    }

    fn start(&self, port: &str) -> DevServer {
        let variables = outside::variables();
        let variables = variables.each_ref().map(|(name, value)| (*name, &**value));
        DevServer::start(self.0.path(), &["--http-port", port], &variables)
    }
}

#[test]
fn http_functions_come_and_go_with_the_builds() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it has one").to_string();
    let port = address.split(':').nth(1).expect("a port");
    let changing = Changing::new();
    changing.write("src/lib.rs", "#[mayfly::handler]\npub fn nothing() {}\n");
    let dev = changing.start(port);
    assert_eq!(dev.count("HTTP"), 0);

    changing.route("one");
    dev.says(&format!(
        "error: port {port} of 127.0.0.1 is in use; choose another with --http-port; HTTP functions are"
    ));
    drop(taken);
    changing.route("two");
    assert_eq!(address_of(&dev, "mayfly::routes", "/"), address);
    let get = || http::send(&address, "GET", "/", &[], b"");
    assert_eq!(get().text(), "two");

    changing.write("src/lib.rs", "#[mayfly::get(\"/\")]\npub fn root() -> &'static str { 7 }\n");
    dev.says("; still serving the previous build");
    assert_eq!(get().text(), "two");

    changing.route("three");
    wait_for("the new build", || (get().text() == "three").then_some(()));
    assert_eq!(dev.count(" serves "), 1, "the address has not changed");

    changing.write("src/lib.rs", "#[mayfly::handler]\npub fn nothing() {}\n");
    wait_for("the new build", || (get().status == 404).then_some(()));
    assert_eq!(get().text(), "404 Not Found: the build has no HTTP functions");
}
