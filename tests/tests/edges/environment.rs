//! The environment: the address of the Runtime API, and proxies.

use mayfly_tests::{Delivery, Posted, Process, Profile, RuntimeApi, greeter};

use super::{ada, assert_serves};

const PROXIES: [&str; 8] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

#[test]
fn proxies_are_not_used_for_the_runtime_api() {
    for proxy in ["http://127.0.0.1:1", "socks5://127.0.0.1:1"] {
        let api = RuntimeApi::start();
        let launch = Process::of(&greeter(Profile::Debug)).handler("greeter::greet").api(&api);
        // An empty NO_PROXY makes no exception.
        let launch = PROXIES.iter().fold(launch, |launch, name| {
            launch.env(name, if name.eq_ignore_ascii_case("NO_PROXY") { "" } else { proxy })
        });
        let _process = launch.start();
        assert_serves(&api);
    }
}

/// Serves one event under a path prefix.
fn serve_behind(api: &RuntimeApi, prefix: &str) -> Posted {
    let delivery = ada();
    let next = api.request();
    assert_eq!(next.path, format!("{prefix}/2018-06-01/runtime/invocation/next"));
    next.hand_out(&delivery);
    let reply = api.posted();
    assert_eq!(reply.path, format!("{prefix}/2018-06-01/runtime/invocation/{}/response", delivery.id()));
    reply.accept();
    reply
}

#[test]
fn every_form_of_the_address_works() {
    for (host, before, after, prefix) in [
        ("127.0.0.1", "", "", ""),
        ("127.0.0.1", "", "/", ""),
        ("127.0.0.1", "http://", "", ""),
        ("127.0.0.1", "http://", "/", ""),
        ("127.0.0.1", "http://", "/.rt/fn", "/.rt/fn"),
        ("127.0.0.1", "", "/.rt/fn/", "/.rt/fn"),
        ("localhost", "", "", ""),
        ("localhost", "http://", "/.rt", "/.rt"),
        ("[::1]", "", "", ""),
        ("[::1]", "http://", "/.rt/", "/.rt"),
    ] {
        let api = RuntimeApi::start_on(&format!("{host}:0"));
        let address = format!("{before}{host}:{}{after}", api.address().port());
        let launch = Process::of(&greeter(Profile::Debug)).handler("greeter::greet");
        let _process = launch.env("AWS_LAMBDA_RUNTIME_API", &address).start();
        let reply = serve_behind(&api, prefix);
        assert_eq!(reply.header("host"), Some(&*format!("{host}:{}", api.address().port())), "{address}");
    }
}

#[test]
fn a_panic_is_reported_under_the_same_prefix() {
    let api = RuntimeApi::start();
    let launch = Process::of(&greeter(Profile::Release)).handler("greeter::fail::explode");
    let _process = launch.env("AWS_LAMBDA_RUNTIME_API", &format!("http://{}/.rt/fn/", api.address())).start();
    let delivery = Delivery::json("{}");
    api.request().hand_out(&delivery);
    let error = api.posted();
    assert_eq!(error.path, format!("/.rt/fn/2018-06-01/runtime/invocation/{}/error", delivery.id()));
    error.accept();
}

#[test]
fn without_an_address_the_binary_explains_itself() {
    for value in [None, Some(""), Some("  ")] {
        let launch = Process::of(&greeter(Profile::Debug)).handler("greeter::greet");
        let launch = match value {
            Some(value) => launch.env("AWS_LAMBDA_RUNTIME_API", value),
            None => launch,
        };
        let exit = launch.start().exit();
        assert_eq!(exit.code, Some(2), "{}", exit.log);
        let mut lines = exit.log.lines();
        let [first, second] = [lines.next(), lines.next()].map(|line| line.expect("there are two lines"));
        assert!(first.contains("AWS_LAMBDA_RUNTIME_API"), "{first}");
        assert!(second.contains("cargo mayfly invoke"), "{second}");
        let handlers: Vec<_> = lines.map(str::trim).collect();
        assert!(handlers.contains(&"greeter::greet") && handlers.contains(&"greeter::fail::explode"), "{handlers:?}");
        assert!(handlers.is_sorted(), "{handlers:?}");
    }
}

#[test]
fn an_invalid_address_is_named() {
    for value in ["https://127.0.0.1:1", "127.0.0.1:port", "127.0.0.1:99999", "not an address", "http://"] {
        let launch = Process::of(&greeter(Profile::Debug)).handler("greeter::greet");
        let exit = launch.env("AWS_LAMBDA_RUNTIME_API", value).start().exit();
        assert_eq!(exit.code, Some(1), "{value}: {}", exit.log);
        let named = format!("AWS_LAMBDA_RUNTIME_API is `{value}`");
        assert!(exit.log.contains(&named) && exit.log.contains("host:port"), "{}", exit.log);
    }
}
