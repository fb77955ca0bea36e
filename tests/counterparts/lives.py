"""Calls of one function under AWS's emulator before and after the end of its process, and where it must survive."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulators import Rie
from processes import Failed

TIMEOUT = 2
"""The time limit of an invocation in seconds."""
LONGEST = 6_291_556
"""The size of the longest reply that Lambda accepts, in bytes."""

PANIC = r'\{"errorType":"Runtime.HandlerPanic","errorMessage":"the sync kettle exploded","stackTrace":\["tests/'
INIT_ERROR = r'\{"errorType":"NoDatabase","errorMessage":"Initialization error: `odd::states::failing` \(tests/'
EXIT = r'\{"errorType":"Runtime.ExitError","errorMessage":"RequestId: \S+ Error: Runtime exited with error: exit status 3"'


@dataclass(frozen=True)
class Life:
    """A handler of the fixture `odd` and the outcome of each call."""

    what: str
    handler: str
    calls: list[tuple[Any, str]]
    """The events, each with a regular expression for the beginning of the response's body."""


LIVES = [
    Life("after an abort", "odd::panics::sync", [(True, PANIC), (False, '"tea"$'), (True, PANIC), (False, '"tea"$')]),
    Life("after an init error", "odd::states::fails", [(None, INIT_ERROR), (None, INIT_ERROR)]),
    Life("after an exit", "odd::ends::exit", [(None, "null$"), (3, EXIT), (None, "null$")]),
    Life(
        "after a time-out",
        "odd::crowd::asynchronous",
        [
            ({"number": 1, "pause_ms": 4000}, rf"Task timed out after {TIMEOUT}.00 seconds$"),
            ({"number": 2}, r'\{"number":2,'),
        ],
    ),
    Life(
        "after a reply that is too long",
        "odd::replies::sized",
        [(5, '"xxx"$'), (LONGEST + 1, r'\{"errorType":"Function.ResponseSizeTooLarge"'), (5, '"xxx"$')],
    ),
    Life("after the longest reply", "odd::replies::sized", [(LONGEST, '"x{60000}'), (5, '"xxx"$')]),
]


def run(life: Life, program: Path, odd: Path) -> str | None:
    """Makes the calls under their own emulator; returns the failure with the log."""
    emulator = Rie(program, odd, life.handler, timeout=TIMEOUT)
    try:
        for event, expected in life.calls:
            body = emulator.call(event).decode(errors="replace")
            if not re.match(expected, body):
                raise Failed(f"expected /{expected}/ for {event}, got {body[:400]}")
    except Failed as failure:
        return f"{failure}\n{emulator.output()}"
    finally:
        emulator.stop()
    return None
