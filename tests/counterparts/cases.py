"""The outcomes that every counterpart must see for every build of `greeter`: one row per handler."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators import Answer
from processes import Failed

WORKSPACE = Path(__file__).parents[2]
FAIL = "examples/greeter/src/fail.rs"


@dataclass(frozen=True)
class Reply:
    """The function succeeds with a value."""

    value: Any

    def check(self, answer: Answer) -> None:
        """Fails unless the caller received the value."""
        if answer != Answer(is_error=False, body=self.value):
            raise Failed(f"expected the reply {self.value}, got {answer}")


@dataclass(frozen=True)
class Fault:
    """The function fails with an error of a type."""

    type: str
    message: str
    """A regular expression for the beginning of the message."""
    at: tuple[str, str] | None = None
    """The file and the text in it with the position of the first frame."""

    def check(self, answer: Answer) -> None:
        """Fails unless the caller received the error."""
        body = answer.body
        if not answer.is_error or not isinstance(body, dict) or body.get("errorType") != self.type:
            raise Failed(f"expected an error of type {self.type}, got {answer}")
        if not re.match(self.message, str(body.get("errorMessage"))):
            raise Failed(f"expected a message like /{self.message}/, got {answer}")
        trace = body.get("stackTrace")
        if self.at and (not trace or position(*self.at) not in trace[0]):
            raise Failed(f"expected {position(*self.at)} to lead the stack trace, got {trace}")


@dataclass(frozen=True)
class Case:
    """A handler and the outcomes of the invocations of one process."""

    handler: str
    answers: list[Reply | Fault]
    """The outcome of each invocation, in order."""
    event: Any = field(default_factory=dict)
    """The event of all invocations."""
    ending: str | None = None
    """The way in which the process ends by itself; without it, the process must outlive the last invocation."""


CASES = [
    Case("greeter::greet", [Reply({"message": "Hello, Ada!"})], event={"name": "Ada"}),
    Case("greeter::counter::next", [Reply({"count": 1}), Reply({"count": 2})]),
    Case("greeter::fail::refuse", [Fault("greeter::fail::Refused", "the order was refused")] * 2),
    Case(
        "greeter::fail::question_mark",
        [Fault("core::num::error::ParseIntError", "the quantity", at=(FAIL, 'context("the quantity of an order")?'))],
    ),
    Case(
        "greeter::fail::explode",
        [Fault("Runtime.HandlerPanic", "the kettle exploded", at=(FAIL, 'panic!("the kettle exploded");'))],
        ending="signal: aborted",
    ),
    Case(
        "greeter::gret",
        [Fault("Runtime.HandlerNotFound", "Handler not found: .*closest: `greeter::greet`.*: greeter::api::hello, ")],
        ending="exit status 1",
    ),
]


def position(file: str, text: str) -> str:
    """Returns the first position of a text in a source file of the workspace, as `file:line:column`."""
    for number, line in enumerate((WORKSPACE / file).read_text().splitlines(), start=1):
        if text in line:
            return f"{file}:{number}:{line.index(text) + 1}"
    raise Failed(f"{file} has no {text}")
