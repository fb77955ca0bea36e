"""Delivers the messages of queues to the example `batch` through MiniStack's event source mapping.

    VENV/bin/python3 tests/counterparts/queues.py --ministack PATH --bootstrap PATH

The Python must have boto3. `bootstrap` is a build of the example. The mapping has `ReportBatchItemFailures`, so it
deletes the messages that the function does not report, and the others come back after the visibility timeout. Prints a
line a check and, last, `N passed, N failed`; the exit code is 1 if any failed.
"""

import argparse
import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.exceptions
from processes import Failed, wait_for
from stack import MiniStack

VISIBILITY_TIMEOUT = "2"
"""The seconds after which a message that was not deleted comes back."""


class Queue:
    """A queue whose messages go to the function."""

    def __init__(self, stack: MiniStack, name: str, attributes: dict[str, str]) -> None:
        self._stack = stack
        self._client = stack.client("sqs")
        self._is_fifo = name.endswith(".fifo")
        attributes = {"VisibilityTimeout": VISIBILITY_TIMEOUT, **attributes}
        if self._is_fifo:
            attributes["FifoQueue"] = "true"
        self.url = self._client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    @property
    def arn(self) -> str:
        """The ARN of the queue."""
        return str(self._attributes()["QueueArn"])

    def deliver_to(self, function: str) -> None:
        """Creates the event source mapping."""
        self._stack.client("lambda").create_event_source_mapping(
            FunctionName=function,
            EventSourceArn=self.arn,
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )

    def send(self, kind: str, id: str, sku: str, pieces: int, group: str) -> None:
        """Sends an order or a delivery."""
        self.send_text(json.dumps({kind: {"id": id, "sku": sku, "pieces": pieces}}), group, id)

    def send_text(self, body: str, group: str, id: str) -> None:
        """Sends a message."""
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": id} if self._is_fifo else {}
        self._client.send_message(QueueUrl=self.url, MessageBody=body, **fifo)

    def length(self) -> int:
        """Counts the messages that are not deleted."""
        counts = self._attributes()
        return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])

    def wait_for_length(self, length: int) -> None:
        """Waits until the queue has that many messages."""
        wait_for(f"{length} messages in the queue", lambda: self.length() == length or None)

    def bodies(self) -> list[str]:
        """Receives messages."""
        received = self._client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [message["Body"] for message in received.get("Messages", [])]

    def _attributes(self) -> dict[str, Any]:
        return self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]


class Log:
    """The lines that the function wrote since a point in time."""

    def __init__(self, stack: MiniStack) -> None:
        self._stack = stack
        self._start = len(stack.output())

    def done(self) -> list[str]:
        """Lists the ids of orders and deliveries in the order in which they were applied."""
        return re.findall(r"(?:reserved|received) (\S+) (?:for|from) ", self._stack.output()[self._start :])

    def refusals(self) -> int:
        """Counts the orders for which there were too few pieces."""
        return len(re.findall(r"only \d+ pieces are left", self._stack.output()[self._start :]))

    def wait_for(self, what: str, found: Callable[[], bool]) -> None:
        """Waits until the lines are as they should be."""
        try:
            wait_for(what, lambda: found() or None)
        except Failed as failure:
            raise Failed(f"{failure}; applied so far: {self.done()}, refusals: {self.refusals()}") from None


def expect(what: str, found: object, expected: object) -> None:
    """Fails unless both are equal."""
    if found != expected:
        raise Failed(f"{what} should be {expected!r}, and is {found!r}")


def fifo_queue(stack: MiniStack, function: str) -> None:
    """An order that fails comes back with its customer's later ones, in their order; the others are deleted."""
    log, queue = Log(stack), Queue(stack, "orders.fifo", {})
    queue.send("order", "f-1", "kettle", 1, "ada")
    queue.send("order", "f-2", "pan", 2, "ada")
    queue.send("order", "f-3", "kettle", 1, "bob")
    queue.send("order", "f-4", "kettle", 1, "ada")
    queue.send("order", "f-5", "kettle", 1, "bob")
    queue.deliver_to(function)
    log.wait_for("two refusals of the order f-2", lambda: log.refusals() >= 2)
    # Bob's orders go on beside Ada's first.
    expect("the orders of ada so far", [order for order in log.done() if order in ("f-1", "f-2", "f-4")], ["f-1"])
    expect("the orders of bob", [order for order in log.done() if order in ("f-3", "f-5")], ["f-3", "f-5"])
    expect("the messages in the queue", queue.length(), 2)
    queue.send("delivery", "f-6", "pan", 2, "supplier")
    queue.wait_for_length(0)
    log.wait_for("all orders", lambda: len(log.done()) >= 6)
    expect("the rest in its order", log.done()[3:], ["f-6", "f-2", "f-4"])


def standard_queue(stack: MiniStack, function: str) -> None:
    """A message that never succeeds reaches the dead-letter queue, alone; one that fails at first succeeds later."""
    log, dead = Log(stack), Queue(stack, "dead", {})
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": "3"})
    queue = Queue(stack, "orders", {"RedrivePolicy": redrive})
    queue.send("order", "s-1", "kettle", 1, "")
    queue.send_text("two kettles, please", "", "s-2")
    queue.send("order", "s-3", "lid", 1, "")
    queue.send("order", "s-4", "kettle", 1, "")
    queue.deliver_to(function)
    log.wait_for("a refusal of the order s-3", lambda: log.refusals() >= 1)
    queue.send("delivery", "s-5", "lid", 1, "")
    log.wait_for("the order s-3", lambda: "s-3" in log.done())
    queue.wait_for_length(0)
    expect("the messages in the dead-letter queue", dead.bodies(), ["two kettles, please"])
    expect("the applied messages, each once", sorted(log.done()), ["s-1", "s-3", "s-4", "s-5"])


CHECKS: list[Callable[[MiniStack, str], None]] = [fifo_queue, standard_queue]


def main() -> int:
    """Runs every check against the same function."""
    parser = argparse.ArgumentParser(prog="queues", allow_abbrev=False)
    parser.add_argument("--ministack", type=Path, required=True, help="MiniStack's executable")
    parser.add_argument("--bootstrap", type=Path, required=True, help="a build of the example `batch`")
    arguments = parser.parse_args()
    # SIGTERM must pass through every `finally`, which ends the child processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stack = MiniStack(arguments.ministack.absolute())
    passed = failed = 0
    try:
        stack.start()
        function = stack.create_function("batch", "batch::orders::apply", arguments.bootstrap)
        # One process, whose stock all messages change.
        stack.client("lambda").put_function_concurrency(FunctionName="batch", ReservedConcurrentExecutions=1)
        for check in CHECKS:
            try:
                check(stack, function)
                print(f"ok   MiniStack, {check.__name__}", flush=True)
                passed += 1
            except (Failed, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
                print(f"FAIL MiniStack, {check.__name__}\n     {failure}", flush=True)
                failed += 1
    finally:
        if failed or not passed:
            print(stack.output())
        stack.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
