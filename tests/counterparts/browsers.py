"""Opens the HTTP functions of `cargo mayfly dev` with curl and with headless Chromium, as their users do.

    VENV/bin/python3 tests/counterparts/browsers.py --cargo-mayfly PATH

The Python must have selenium, the machine curl, chromium and chromedriver. Prints a line a check and, last,
`N passed, N failed`; the exit code is 1 if any failed.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from cases import WORKSPACE
from processes import DEADLINE, Failed, Process
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

MEGABYTE = 1 << 20
SQUARE = WORKSPACE / "tests/fixtures/site/src/square.png"


class Desk:
    """A running `cargo mayfly dev` of one package with an HTTP function."""

    def __init__(self, program: Path, package: str, *flags: str, **variables: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "LOGLEVEL"} | variables
        command = [str(program), "dev", "--port", "0", "--http-port", "0", "--package", package, *flags]
        self._process = Process(command, environment, WORKSPACE)

    @cached_property
    def url(self) -> str:
        """The address of the function, which is there once the package is built."""
        return self._process.wait_for_output(r"(http://127[0-9.:]+)/ serves").group(1)

    def stop(self) -> None:
        """Ends the command and with it the functions."""
        self._process.stop()


@dataclass
class Answer:
    """What curl received."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key == name]


@dataclass
class Clients:
    """The servers and their clients."""

    site: Desk
    """The fixture with pages for browsers."""
    notes: Desk
    """`examples/http-api`."""
    live: Desk
    """The fixture whose responses are streamed."""
    browser: webdriver.Chrome
    scratch: Path

    def curl(self, *arguments: str) -> Answer:
        """Runs curl and reads the last response."""
        head, body = self.scratch / "head", self.scratch / "body"
        body.write_bytes(b"")
        command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60", "--path-as-is"]
        command += ["--dump-header", str(head), "--output", str(body), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"curl ended with {done.returncode}: {done.stderr}")
        last = head.read_bytes().decode("latin-1").strip().split("\r\n\r\n")[-1].split("\r\n")
        pairs = [line.partition(":") for line in last[1:]]
        headers = [(name.lower(), value.strip()) for name, _, value in pairs]
        return Answer(int(last[0].split(" ")[1]), headers, body.read_bytes())

    def open(self, path: str) -> None:
        """Opens a page of the site in Chromium."""
        self.browser.get(self.site.url + path)

    def press(self, element: str, title: str) -> None:
        """Clicks an element, and waits for the page with that title."""
        self.browser.find_element(By.CSS_SELECTOR, element).click()
        WebDriverWait(self.browser, DEADLINE).until(lambda browser: browser.title == title)

    def shown(self, element: str) -> str:
        """The text of an element."""
        return self.browser.find_element(By.CSS_SELECTOR, element).text


def expect(what: str, found: object, expected: object) -> None:
    """Fails unless both are equal."""
    if found != expected:
        raise Failed(f"{what} should be {expected!r}, and is {found!r}")


def chromium_form(clients: Clients) -> None:
    """A form is sent, and its fields arrive."""
    clients.open("/")
    clients.browser.find_element(By.NAME, "name").send_keys("Zoë & co.")
    clients.press("#send", "form")
    expect("the fields", clients.shown("#fields"), "name=Zo%C3%AB+%26+co.")


def chromium_upload(clients: Clients) -> None:
    """A file of 1 MB, in which every byte occurs, is uploaded."""
    file = clients.scratch / "file.bin"
    file.write_bytes(bytes(range(256)) * (MEGABYTE // 256))
    clients.open("/")
    clients.browser.find_element(By.NAME, "file").send_keys(str(file))
    clients.press("#upload", "upload")
    expect("the file", clients.shown("#file"), f"{MEGABYTE} bytes, sum {sum(file.read_bytes())}")


def chromium_cookie_and_redirect(clients: Clients) -> None:
    """Two cookies are set by a redirect, which is followed, and both are sent from then on."""
    clients.browser.delete_all_cookies()
    clients.open("/cookies")
    expect("the cookies before", clients.shown("#cookies"), "")
    clients.open("/")
    clients.press("a", "cookies")
    expect("the address", clients.browser.current_url, f"{clients.site.url}/cookies")
    expect("the cookies", sorted(clients.shown("#cookies").split("; ")), ["session=abc", "theme=dark"])
    names = {cookie["name"]: cookie["httpOnly"] for cookie in clients.browser.get_cookies()}
    expect("the cookies that a script cannot read", names, {"session": True, "theme": False})


def chromium_picture(clients: Clients) -> None:
    """A picture is shown in its size."""
    clients.open("/")
    script = "const i = document.getElementById('square'); return [i.complete, i.naturalWidth, i.naturalHeight]"
    expect("the picture", clients.browser.execute_script(script), [True, 16, 16])


def chromium_compressed(clients: Clients) -> None:
    """A compressed page is unpacked."""
    clients.open("/gzip")
    expect("the text", clients.shown("body"), "compressed")


def chromium_errors(clients: Clients) -> None:
    """The site's own 404 is shown, and for a failed invocation the report."""
    clients.open("/nowhere")
    expect("the page", clients.shown("body"), "there is no such page")
    clients.open("/fail")
    expect("the heading", clients.shown("h1"), "502 Bad Gateway: site::pages failed")
    expect("the sentence", clients.shown("p"), "OutOfOrder: the <machine> is out of order")


def chromium_scripts(clients: Clients) -> None:
    """Scripts of a page send six requests at once, which overlap."""
    clients.open("/")
    script = """
        const done = arguments[0], begin = performance.now();
        const pages = [...Array(6).keys()].map(n => fetch("/sleep/" + (500 + n)).then(page => page.text()));
        Promise.all(pages).then(texts => done([texts.length, performance.now() - begin]));
    """
    count, milliseconds = clients.browser.execute_async_script(script)
    expect("the pages", count, 6)
    if milliseconds > 2900:
        raise Failed(f"six requests of half a second took {milliseconds:.0f} ms: one after the other")


def chromium_events(clients: Clients) -> None:
    """Server-sent events reach an EventSource one by one."""
    gates = clients.scratch / "gates"
    gates.mkdir()
    clients.browser.get(f"{clients.live.url}/ticks/1")
    # The source is closed at its end: it would connect again.
    clients.browser.execute_script(
        "window.events = []; const source = new EventSource(arguments[0]);"
        "source.onmessage = (event) => window.events.push(event.data);"
        "source.onerror = () => { window.events.push('end'); source.close(); };",
        f"/steps{gates}",
    )
    for number in range(3):
        expected = [str(seen) for seen in range(number + 1)]
        WebDriverWait(clients.browser, DEADLINE).until(
            lambda browser, expected=expected: browser.execute_script("return window.events.slice(0, 3)") == expected
        )
        (gates / str(number + 1)).touch()
    WebDriverWait(clients.browser, DEADLINE).until(
        lambda browser: browser.execute_script("return window.events") == ["0", "1", "2", "end"]
    )


def chromium_broken_stream(clients: Clients) -> None:
    """A script notices that a streamed response broke off."""
    clients.browser.get(f"{clients.live.url}/ticks/1")
    result = clients.browser.execute_async_script(
        "const done = arguments[0]; fetch('/broken/2').then((response) => response.text()).then(done, () => done(null))"
    )
    expect("the text of a broken response", result, None)


def curl_download(clients: Clients) -> None:
    """A download of 20 MB is streamed."""
    answer = clients.curl(f"{clients.live.url}/zeros/20")
    expect("the status and the size", (answer.status, len(answer.body)), (200, 20 * MEGABYTE))


def curl_head(clients: Clients) -> None:
    """HEAD has the headers of the page and no body."""
    answer = clients.curl("--head", f"{clients.site.url}/square.png")
    expect("the status", answer.status, 200)
    expect("nothing is behind the headers", answer.body.endswith(b"\r\n\r\n"), True)
    expect("the length", answer.all("content-length"), [str(SQUARE.stat().st_size)])


def curl_cookies(clients: Clients) -> None:
    """Several cookies stay several, and curl's jar sends them back."""
    jar = str(clients.scratch / "jar")
    answer = clients.curl(f"{clients.site.url}/sign-in", "--cookie-jar", jar)
    expect("the status", answer.status, 303)
    expect("the cookies", answer.all("set-cookie"), ["session=abc; Path=/; HttpOnly", "theme=dark; Path=/"])
    answer = clients.curl(f"{clients.site.url}/sign-in", "--cookie-jar", jar, "--cookie", jar, "--location")
    if b"session=abc" not in answer.body or b"theme=dark" not in answer.body:
        raise Failed(f"both cookies should be there: {answer.body!r}")


def curl_upload(clients: Clients) -> None:
    """5 MB of text arrive in full; 7 MB are refused with a sentence."""
    for megabytes, status in ((5, 200), (7, 413)):
        file = clients.scratch / "upload.txt"
        file.write_bytes(b"x" * (megabytes * MEGABYTE))
        answer = clients.curl(f"{clients.site.url}/upload", "--form", f"file=@{file}")
        expect(f"the status for {megabytes} MB", answer.status, status)
        text = f"{file.stat().st_size} bytes, sum " if status == 200 else "Lambda's limit"
        if text not in answer.body.decode():
            raise Failed(f"the page should have `{text}`: {answer.body!r}")


def curl_bytes(clients: Clients) -> None:
    """Path, query and body arrive byte for byte, whole or in chunks."""
    file = clients.scratch / "binary"
    file.write_bytes(bytes(range(256)))
    for headers in ([], ["--header", "transfer-encoding: chunked"]):
        target = "/echo//a/../b%2Fc%20d?e=%20+&e="
        answer = clients.curl(clients.site.url + target, *headers, "--data-binary", f"@{file}")
        expect("the first line", answer.body.split(b"\n")[0].decode(), f"POST {target}")
        expect("the body", answer.body[-256:] == file.read_bytes(), True)


def curl_service(clients: Clients) -> None:
    """The example `http-api` is used from the command line: a session, a note, its picture, errors, compression."""
    url, jar = clients.notes.url, str(clients.scratch / "session")
    json_body = ["--header", "content-type: application/json", "--data"]
    expect("the status of a stranger", clients.curl(f"{url}/notes").status, 401)
    answer = clients.curl(f"{url}/session", *json_body, '{"name":"Ada"}')
    expect("the status of a session", answer.status, 204)
    # curl keeps a `Secure` cookie for https only, so it is passed on by hand.
    cookie = ["--header", f"cookie: {re.split('; ', answer.all('set-cookie')[0])[0]}"]
    note = '{"title":"tea","text":"' + "green " * 500 + '"}'
    answer = clients.curl(f"{url}/notes", *cookie, *json_body, note)
    expect("the status of a note", answer.status, 201)
    address = url + answer.all("location")[0]
    expect("the same title again", clients.curl(f"{url}/notes", *cookie, *json_body, note).status, 409)
    expect("a mistake", clients.curl(f"{url}/notes", *cookie, *json_body, '{"title":7}').status, 422)
    answer = clients.curl(f"{address}/picture", *cookie, "--upload-file", str(SQUARE))
    expect("the status of a picture", answer.status, 204)
    answer = clients.curl(f"{address}/picture", *cookie)
    expect("the picture", (answer.all("content-type"), answer.body), (["image/png"], SQUARE.read_bytes()))
    answer = clients.curl(f"{url}/notes", *cookie, "--compressed")
    expect("the encoding", answer.all("content-encoding"), ["gzip"])
    expect("the note", json.loads(answer.body)[0]["title"], "tea")
    expect("the site's 404", clients.curl(f"{url}/nowhere").status, 404)


CHECKS: list[Callable[[Clients], None]] = [
    chromium_form,
    chromium_upload,
    chromium_cookie_and_redirect,
    chromium_picture,
    chromium_compressed,
    chromium_errors,
    chromium_scripts,
    chromium_events,
    chromium_broken_stream,
    curl_download,
    curl_head,
    curl_cookies,
    curl_upload,
    curl_bytes,
    curl_service,
]


def chromium(scratch: Path) -> webdriver.Chrome:
    """Starts Chromium without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu", "no-proxy-server"):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={scratch / 'chromium'}")
    driver = webdriver.ChromeService(executable_path=shutil.which("chromedriver") or "chromedriver")
    return webdriver.Chrome(options=options, service=driver)


def run(program: Path, scratch: Path) -> int:
    """Runs every check against the same servers and the same browser; returns how many failed."""
    failed = 0
    with ExitStack() as running:
        # Each is ended whatever happens to the others.
        site = Desk(program, "site")
        running.callback(site.stop)
        notes = Desk(program, "http-api", DATABASE=str(scratch / "notes.sqlite"))
        running.callback(notes.stop)
        live = Desk(program, "routes", "--bin", "streamed")
        running.callback(live.stop)
        # Without its servers, no check can pass.
        print(f"browsers use {site.url}, {notes.url} and {live.url}", flush=True)
        browser = chromium(scratch)
        running.callback(browser.quit)
        clients = Clients(site, notes, live, browser, scratch)
        for check in CHECKS:
            try:
                check(clients)
                print(f"ok   browsers, {check.__name__}", flush=True)
            except (Failed, WebDriverException) as failure:
                print(f"FAIL browsers, {check.__name__}\n     {failure}", flush=True)
                failed += 1
    return failed


def main() -> int:
    """Parses the arguments and runs the checks."""
    parser = argparse.ArgumentParser(prog="browsers", allow_abbrev=False)
    parser.add_argument("--cargo-mayfly", type=Path, required=True, help="the command's executable")
    program = parser.parse_args().cargo_mayfly.resolve()
    # SIGTERM must pass through every `finally`, which ends the child processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # The driver is on this machine, and nothing is downloaded.
    os.environ |= {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost", "SE_OFFLINE": "true"}
    with TemporaryDirectory() as scratch:
        failed = run(program, Path(scratch))
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
