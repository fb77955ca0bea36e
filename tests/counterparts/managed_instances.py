"""The fixture `odd` under AWS's emulator of Lambda Managed Instances, which keeps eight invocations open at once.

The emulator starts `/var/task/bootstrap` and nothing else, so it gets a `/var` of its own, in a mount namespace: that
needs root.
"""

import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from emulators import Page, parsed, post, request, rie
from processes import Failed, Process, wait_for

CALLERS = 8
TIMEOUT = 3
"""The time limit of an invocation in seconds."""

ENTER = 'mount -t tmpfs none /var && install -D "$1" /var/task/bootstrap && shift && exec "$@"'


class ManagedInstance:
    """The emulator in that mode; it starts the function immediately and ends with it."""

    def __init__(self, program: Path, bootstrap: Path, handler: str) -> None:
        arguments, self._port = rie(program)
        self._scratch = TemporaryDirectory()
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(TIMEOUT),
            "AWS_LAMBDA_MAX_CONCURRENCY": str(CALLERS),
            "_HANDLER": handler,
        }
        namespace = ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh", str(bootstrap)]
        self._emulator = Process(namespace + arguments, environment, Path(self._scratch.name))

    def call_at_once(self, events: list[Any]) -> list[Any]:
        """Invokes the function with all events at the same time; returns the responses in the order of the events."""
        self._emulator.wait_for_output("started with the handler")
        self._emulator.wait_for_port(self._port)
        with ThreadPoolExecutor(len(events)) as pool:
            return [parsed(body) for _, body in pool.map(lambda event: post(self._port, "function", event), events)]

    def request(self, event: Any) -> Page:
        """Invokes the function and waits for the response."""
        self._emulator.wait_for_output("started with the handler")
        self._emulator.wait_for_port(self._port)
        return request(self._port, "POST", "/2015-03-31/functions/function/invocations", json.dumps(event))

    def wait_for_end(self) -> None:
        """Waits until the emulator has ended with the function."""
        wait_for("the emulator to end with the function", self._emulator.exit_code)

    def output(self) -> str:
        """Returns the output of the emulator and the function."""
        return self._emulator.output()

    def stop(self) -> None:
        """Ends the emulator, which kills the function."""
        self._emulator.stop()
        self._scratch.cleanup()


def everyone_gets_their_own(instance: ManagedInstance) -> None:
    """Eight callers wait at the same time; each receives the reply to its event, under its own id."""
    pause = 0.5
    started = time.monotonic()
    answers = instance.call_at_once([{"number": n, "pause_ms": int(pause * 1000)} for n in range(CALLERS)])
    took = time.monotonic() - started
    if [answer.get("number") for answer in answers] != list(range(CALLERS)):
        raise Failed(f"the answers are not the callers' own: {answers}")
    if len({answer["id"] for answer in answers}) != CALLERS:
        raise Failed(f"the answers share an id: {answers}")
    if took > CALLERS / 2 * pause:
        raise Failed(f"the answers took {took:.1f} s: the calls did not overlap")


def time_outs_are_nobody_elses(instance: ManagedInstance) -> None:
    """Two of eight time out: their callers receive that error, all others their replies, then and afterwards."""
    late = (2, 5)
    pause = {n: (TIMEOUT + 1) * 1000 if n in late else 100 for n in range(CALLERS)}
    answers = instance.call_at_once([{"number": n, "pause_ms": pause[n]} for n in range(CALLERS)])
    for number, answer in enumerate(answers):
        if number in late:
            if answer.get("errorMessage") != f"Task timed out after {TIMEOUT}.00 seconds":
                raise Failed(f"number {number} should time out, got {answer}")
        elif answer.get("number") != number:
            raise Failed(f"number {number} got {answer}")
    time.sleep(1.5)  # until the two have ended; their late replies must not reach any caller
    everyone_gets_their_own(instance)


def everyone_hears_of_an_abort(instance: ManagedInstance) -> None:
    """One of eight aborts the process: its caller receives the panic, the others an error that names it."""
    events: list[Any] = [{"number": n, "pause_ms": 2000} for n in range(1, CALLERS)]
    answers = instance.call_at_once([{"number": 0, "pause_ms": 500, "explode": True}, *events])
    expected = ["number 0 exploded", *[r"aborted by a panic outside this invocation.*: number 0 exploded"] * len(events)]
    for answer, message in zip(answers, expected, strict=True):
        if answer.get("errorType") != "Runtime.HandlerPanic" or not re.match(message, answer["errorMessage"]):
            raise Failed(f"expected a panic like /{message}/, got {json.dumps(answer)}")
    instance.wait_for_end()


CHECKS = [everyone_gets_their_own, time_outs_are_nobody_elses, everyone_hears_of_an_abort]
HANDLERS = ["odd::crowd::asynchronous", "odd::crowd::blocking"]


def run(handler: str, program: Path, bootstrap: Path) -> str | None:
    """Runs all checks under one emulator, which the last check ends; returns the failure with the log."""
    instance = ManagedInstance(program, bootstrap, handler)
    try:
        for check in CHECKS:
            check(instance)
    except Failed as failure:
        return f"{failure}\n{instance.output()}"
    finally:
        instance.stop()
    return None
