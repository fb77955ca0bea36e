"""The two independent emulators of Lambda behind one interface.

Both are asked over plain HTTP, and both get an environment of a few variables, so that nothing of the machine they
run on (a proxy, `RUST_BACKTRACE`, an AWS profile) can change what the function does.
"""

import http.client
import json
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from processes import DEADLINE, Failed, Process, free_ports, wait_for

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class Answer:
    """The outcome that the caller of the function sees."""

    is_error: bool
    body: Any


@dataclass(frozen=True)
class Page:
    """An HTTP response."""

    status: int
    type: str | None
    body: bytes
    error_type: str | None = None
    """The header `Error-Type`, by which RIE as a Managed Instance reports the trailers of a stream."""


class Rie:
    """AWS's Runtime Interface Emulator, which starts the function at the first invocation."""

    name = "RIE"

    def __init__(self, program: Path, bootstrap: Path, handler: str, timeout: int = 300) -> None:
        arguments, self._port = rie(program)
        self._scratch = TemporaryDirectory()
        environment = {"PATH": os.environ["PATH"], "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout)}
        self._emulator = Process([*arguments, str(bootstrap), handler], environment, Path(self._scratch.name))

    def invoke(self, event: Any) -> Answer:
        """Invokes the function and waits for the response."""
        said_before = len(self._emulator.output())
        body = parsed(self.call(event))
        # The status is 200 for an error too while the process lives; the log tells the two apart.
        said = self._emulator.output()[said_before:]
        return Answer("Sending Error Response" in said or "Sending Init Error Response" in said, body)

    def call(self, event: Any) -> bytes:
        """Invokes the function and returns the body of the response, which is plain text after a time-out."""
        self._emulator.wait_for_port(self._port)
        return post(self._port, "function", event)[1]

    def ending(self) -> str | None:
        """Returns the way in which the function's process ended; `None` if it still runs."""
        ending = re.search(r"Process runtime-\d+ exited: (.*)", self._emulator.output())
        return ending and ending.group(1)

    def terminate(self) -> None:
        """Sends SIGTERM to the emulator, which passes it on to the function."""
        self._emulator.terminate()

    def output(self) -> str:
        """Returns the output of the emulator and the function."""
        return self._emulator.output()

    def stop(self) -> None:
        """Ends the emulator, which kills the function."""
        self._emulator.stop()
        self._scratch.cleanup()


class CargoLambda:
    """cargo-lambda's development server; the test starts the function when an invocation is waiting."""

    name = "cargo-lambda"

    def __init__(self, program: Path, bootstrap: Path, handler: str) -> None:
        [self._port] = free_ports(1)
        self._scratch = TemporaryDirectory()
        self._bootstrap = bootstrap
        self._handler = handler
        self._function: Process | None = None
        directory = Path(self._scratch.name)
        write_empty_project(directory)
        # It runs `cargo metadata` and needs cargo's variables for that.
        wanted = ("PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN")
        environment = {name: os.environ[name] for name in wanted if name in os.environ}
        environment["RUST_LOG"] = "debug"
        arguments = [str(program), "lambda", "watch", "--only-lambda-apis"]
        arguments += ["--invoke-address", "127.0.0.1", "--invoke-port", str(self._port)]
        self._emulator = Process(arguments, environment, directory)

    def invoke(self, event: Any) -> Answer:
        """Invokes the function and waits for the response."""
        status, body = self._answer(post, "_", event)
        body = parsed(body)
        # A failed init comes back as a success; only its body shows the error.
        return Answer(status != 200 or (isinstance(body, dict) and "errorType" in body), body)

    def get(self, path: str) -> Page:
        """Opens a page of the function URL."""
        return self._answer(get, f"/lambda-url/_{path}")

    def _answer(self, ask: Callable[..., Answered], *arguments: Any) -> Answered:
        self._emulator.wait_for_port(self._port)
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(ask, self._port, *arguments)
            if self._function is None:
                # An init error goes to the waiting caller; without one it would be lost.
                self._emulator.wait_for_output("request stack initialized")
                self._function = self._start_function()
            return answer.result()

    def _start_function(self) -> Process:
        environment = {
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "4096",
            "AWS_LAMBDA_FUNCTION_NAME": "_",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{self._port}/.rt",
            "_HANDLER": self._handler,
        }
        return Process([str(self._bootstrap)], environment, Path(self._scratch.name))

    def ending(self) -> str | None:
        """Returns the way in which the function's process ended, in RIE's wording; `None` if it still runs."""
        code = self._function.exit_code() if self._function else None
        if code is None:
            return None
        return {-6: "signal: aborted"}.get(code, f"exit status {code}")

    def output(self) -> str:
        """Returns the output of the emulator and the function."""
        return self._emulator.output() + (self._function.output() if self._function else "")

    def stop(self) -> None:
        """Ends the function and the emulator."""
        if self._function:
            self._function.stop()
        self._emulator.stop()
        self._scratch.cleanup()


def rie(program: Path) -> tuple[list[str], int]:
    """Returns RIE's command without a function, and the port of its Invoke API."""
    api, port = free_ports(2)
    arguments = [str(program), "--log-level", "debug"]
    arguments += ["--runtime-api-address", f"127.0.0.1:{api}"]
    arguments += ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    return arguments, port


def post(port: int, function: str, event: Any) -> tuple[int, bytes]:
    """Calls Lambda's Invoke API; returns the status and the body."""
    path = f"/2015-03-31/functions/{function}/invocations"
    page = request(port, "POST", path, json.dumps(event))
    return page.status, page.body


def get(port: int, path: str) -> Page:
    """Opens a page."""
    return request(port, "GET", path)


def request(port: int, method: str, path: str, body: str | None = None) -> Page:
    """Sends one HTTP request and waits for the whole response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return Page(answer.status, answer.getheader("content-type"), answer.read(), answer.getheader("error-type"))
    except TimeoutError:
        raise Failed(f"no answer within {DEADLINE:.0f} s") from None
    except OSError as error:
        raise Failed(f"no answer: {error}") from error
    finally:
        connection.close()


def parsed(body: bytes) -> Any:
    """Parses a body, which must be JSON."""
    try:
        return json.loads(body)
    except ValueError:
        raise Failed(f"answered with what is not JSON: {body!r}") from None


def write_empty_project(directory: Path) -> None:
    """Writes the smallest cargo project, which cargo-lambda needs."""
    (directory / "Cargo.toml").write_text('[package]\nname = "empty"\nversion = "0.0.0"\n\n[workspace]\n')
    (directory / "src").mkdir()
    (directory / "src/main.rs").write_text("fn main() {}\n")


def wait_for_ending(emulator: Rie | CargoLambda) -> str:
    """Waits until the function's process has ended and returns how it ended."""
    return wait_for("the function's process to end", emulator.ending)
