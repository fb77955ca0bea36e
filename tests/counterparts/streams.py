"""Streamed replies under the independent emulators: the fixture `streams` writes raw bytes, `streamed` HTTP responses.

AWS's emulator collects a reply and drops its trailers. As a Managed Instance it reports them to the caller.
cargo-lambda's function URL takes the head of an HTTP response and the eight zeros after it as two chunks. Whether
Lambda itself shows trailers to anyone is not known.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from emulators import CargoLambda, Page, Rie, parsed
from managed_instances import ManagedInstance
from processes import Failed

Emulator = TypeVar("Emulator", Rie, CargoLambda, ManagedInstance)

BLOCK = 70_000
"""More bytes than a stream collects before it sends them."""

FAULTS = [
    ({"fail": "the mill broke"}, "Function.Broken", "Broken", "the mill broke"),
    ({"panic": "the mill burst"}, "Runtime.HandlerPanic", "Runtime.HandlerPanic", "the mill burst"),
]
"""The steps that fail, with the header, the error type and the message of the report. The last one aborts."""

SOURCES = ["written", "awaited", "polled"]
"""A handler for each kind of writer."""


def expect(expected: Any, got: Any) -> None:
    """Fails unless both are the same."""
    if got != expected:
        raise Failed(f"expected {str(expected)[:400]}, got {str(got)[:400]}")


def ticks(count: int) -> str:
    """Returns server-sent events as the routes `/ticks/{count}` and `/events/{count}` send them."""
    return "".join(f"data: {number}\n\n" for number in range(count))


def bytes_arrive(rie: Rie) -> None:
    """RIE's caller receives the bytes of a stream, and all of those before a failure."""
    for text in ("", "a", "one\0two\r\n"):
        expect(text.encode(), rie.call([{"write": text}]))
    steps = [{"write": "head "}, "flush", {"zeros": BLOCK}, {"write": " tail"}]
    expect(b"head " + bytes(BLOCK) + b" tail", rie.call(steps))
    fault, _, error_type, _ = FAULTS[0]
    expect(error_type, parsed(rie.call([fault]))["errorType"])
    expect(bytes(BLOCK), rie.call([{"zeros": BLOCK}, fault]))
    expect(b"still here", rie.call([{"write": "still here"}]))


def head_and_zeros_are_kept(rie: Rie) -> None:
    """RIE's caller receives the head of an HTTP response, eight zeros and the body, as the function sent them."""
    host = "abc.lambda-url.eu-central-1.on.aws"
    http = {"method": "GET", "path": "/ticks/2", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": "test"}
    event = {
        "version": "2.0",
        "rawPath": "/ticks/2",
        "rawQueryString": "",
        "headers": {"host": host},
        "requestContext": {"domainName": host, "http": http},
        "isBase64Encoded": False,
    }
    head, zeros, body = rie.call(event).partition(bytes(8))
    expect((200, bytes(8), ticks(2).encode()), (parsed(head)["statusCode"], zeros, body))


def trailers_are_reported(instance: ManagedInstance) -> None:
    """A Managed Instance reports the error type and the body in the trailers, last those of a panic that aborts."""
    expect(b"whole", instance.request([{"write": "whole"}]).body)
    for fault, header, error_type, message in FAULTS:
        answer = instance.request([{"zeros": BLOCK}, fault])
        expect(header, answer.error_type)
        report = parsed(answer.body)
        expect((error_type, message), (report["errorType"], report["errorMessage"]))
        if "script.rs:" not in report["stackTrace"][0]:
            raise Failed(f"no place leads the trace of {report}")
    instance.wait_for_end()


def function_url_streams(emulator: CargoLambda) -> None:
    """cargo-lambda's function URL has the status, the type and the body, with and without cookies."""
    for count in (3, 0, 1):
        expect(Page(200, "text/event-stream", ticks(count).encode()), emulator.get(f"/ticks/{count}"))
        expect(Page(200, "text/event-stream", ticks(count).encode()), emulator.get(f"/events/{count}"))


def run(check: Callable[[Emulator], None], emulator: Emulator) -> str | None:
    """Runs a check under its own emulator; returns the failure with the log."""
    try:
        check(emulator)
    except Failed as failure:
        return f"{failure}\n{emulator.output()}"
    finally:
        emulator.stop()
    return None


def checks(rie: Path, cargo_lambda: Path, streams: Path, streamed: Path) -> Iterator[tuple[str, str | None]]:
    """Runs every check; yields its name and its failure."""
    for source in SOURCES:
        yield f"RIE, a stream: streams::{source}", run(bytes_arrive, Rie(rie, streams, f"streams::{source}"))
    yield "RIE, a stream: streamed::api", run(head_and_zeros_are_kept, Rie(rie, streamed, "streamed::api"))
    for source in SOURCES:
        instance = ManagedInstance(rie, streams, f"streams::{source}")
        yield f"RIE as a Managed Instance, the trailers: streams::{source}", run(trailers_are_reported, instance)
    function = CargoLambda(cargo_lambda, streamed, "streamed::api")
    yield "cargo-lambda's function URL, a stream: streamed::api", run(function_url_streams, function)
