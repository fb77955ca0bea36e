"""The fixture `hooks` under AWS's emulator, which sends SIGTERM at its own end and after a time-out."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from emulators import Rie
from processes import Failed, wait_for

TIMEOUT = 2
"""The time limit of an invocation in seconds."""
LINES = ["the sync function runs", "the async function runs", "hooks::c_failing failed: "]
"""The lines of the shutdown functions."""
TERM = 0.5
"""The time between SIGTERM and SIGKILL in seconds."""


def hooks_have_run(emulator: Rie) -> None:
    """Waits until the process has ended, and fails unless all shutdown functions have run, in order and in time."""
    ended = wait_for("the end of the runtime", lambda: time_of("Shutdown the runtime.", emulator))
    took = ended - (time_of("Shutting down the runtime.", emulator) or 0)
    if not 0 <= took < TERM:
        raise Failed(f"the process ended {took:.3f} s after SIGTERM")
    output = emulator.output()
    places = [output.find(line) for line in LINES]
    if min(places) < 0 or places != sorted(places):
        raise Failed(f"the shutdown functions have not all run: {places}")


def time_of(message: str, emulator: Rie) -> float | None:
    """Returns the time in seconds at which RIE logged a message; `None` if it has not."""
    line = re.search(rf"^(.*),(\d+) \[DEBUG\] \(rapid\) {re.escape(message)}$", emulator.output(), re.MULTILINE)
    return line and datetime.strptime(line[1], "%d %b %Y %H:%M:%S").timestamp() + int(line[2]) / 1000


def at_the_end(emulator: Rie) -> None:
    """RIE is ended while the function waits for an event."""
    if emulator.call(7) != b"7":
        raise Failed("the function has not replied")
    emulator.terminate()
    hooks_have_run(emulator)


def after_a_time_out(emulator: Rie) -> None:
    """The handler still runs when its time is over."""
    body = emulator.call(None).decode(errors="replace")
    if f"Task timed out after {TIMEOUT}.00 seconds" not in body:
        raise Failed(f"expected a time-out, got {body}")
    hooks_have_run(emulator)


CHECKS = [
    ("at its end", at_the_end, "quick"),
    ("after a time-out, the handler waits", after_a_time_out, "waiting"),
    ("after a time-out, the handler computes", after_a_time_out, "computing"),
    ("after a time-out, a stream is open", after_a_time_out, "streaming"),
]


def checks(rie: Path, hooks: Path) -> Iterator[tuple[str, str | None]]:
    """Runs every check under its own emulator; yields its name and the failure with the log."""
    for what, check, handler in CHECKS:
        emulator, failure = Rie(rie, hooks, f"hooks::{handler}", timeout=TIMEOUT), None
        try:
            check(emulator)
        except Failed as failed:
            failure = f"{failed}\n{emulator.output()}"
        finally:
            emulator.stop()
        yield f"RIE sends SIGTERM {what}: hooks::{handler}", failure
