"""Calls `cargo mayfly dev` with AWS's own clients, boto3 and awscli, and checks how they read its responses.

    VENV/bin/python3 tests/counterparts/clients.py --cargo-mayfly PATH

The Python must have both clients. Prints a line a check; the exit code is 1 if any failed.
"""

import argparse
import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import botocore.config
import botocore.exceptions
from cases import WORKSPACE
from processes import DEADLINE, Failed, Process

MEGABYTE = 1 << 20


class Desk:
    """A running `cargo mayfly dev` of one binary, and a boto3 client without retries."""

    def __init__(self, program: Path, *selection: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "LOGLEVEL"}
        self._process = Process([str(program), "dev", "--port", "0", *selection], environment, WORKSPACE)
        self.url = self._process.wait_for_output(r"listening on (http://[0-9.:]+)").group(1)
        self.client = boto3.client(
            "lambda",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=DEADLINE, proxies={}),
        )

    def invoke(self, name: str, payload: bytes = b"{}", **options: str) -> dict[str, Any]:
        """Invokes a function and reads the payload of the response."""
        answer = self.client.invoke(FunctionName=name, Payload=payload, **options)
        answer["Payload"] = answer["Payload"].read()
        return answer

    def stop(self) -> None:
        """Ends the command and with it the functions."""
        self._process.stop()


def expect(what: str, found: object, expected: object) -> None:
    """Fails unless both are equal."""
    if found != expected:
        raise Failed(f"{what} should be {expected!r}, and is {found!r}")


def reply(greeter: Desk, _: Desk) -> None:
    """A reply has a status, a version and no error."""
    answer = greeter.invoke("greeter::greet", b'{"name":"Ada"}')
    expect("the payload", json.loads(answer["Payload"]), {"message": "Hello, Ada!"})
    expect("the status", answer["StatusCode"], 200)
    expect("ExecutedVersion", answer["ExecutedVersion"], "$LATEST")
    expect("FunctionError", answer.get("FunctionError"), None)
    expect("LogResult", answer.get("LogResult"), None)


def names(greeter: Desk, _: Desk) -> None:
    """An ARN and a qualifier are understood."""
    for name in ("arn:aws:lambda:us-east-1:012345678912:function:greeter::greet", "greeter::greet:$LATEST"):
        expect(name, json.loads(greeter.invoke(name)["Payload"]), {"message": "Hello, World!"})
    answer = greeter.invoke("greeter::greet", Qualifier="$LATEST")
    expect("the payload", json.loads(answer["Payload"]), {"message": "Hello, World!"})


def function_error(greeter: Desk, _: Desk) -> None:
    """An error of the function is a FunctionError with a report, not an exception."""
    answer = greeter.invoke("greeter::fail::refuse")
    expect("the status", answer["StatusCode"], 200)
    expect("FunctionError", answer["FunctionError"], "Unhandled")
    expect("errorType", json.loads(answer["Payload"])["errorType"], "greeter::fail::Refused")


def logs(greeter: Desk, _: Desk) -> None:
    """LogResult holds the tail of the log."""
    answer = greeter.invoke("greeter::fail::question_mark", LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode()
    request = answer["ResponseMetadata"]["RequestId"]
    lines = ("START RequestId: ID Version: ", "ERROR ID .*the quantity of an order", "END RequestId: ID", "REPORT .*ID")
    for line in lines:
        if not re.search(line.replace("ID", request), tail):
            raise Failed(f"the logs should have a line /{line}/ with {request}, and are {tail}")


def init_error(greeter: Desk, _: Desk) -> None:
    """The caller sees the error of an init."""
    answer = greeter.invoke("greeter::fail::init")
    expect("FunctionError", answer["FunctionError"], "Unhandled")
    message = json.loads(answer["Payload"])["errorMessage"]
    expect("the message", message.partition(":")[0], "Initialization error")


def context(greeter: Desk, _: Desk) -> None:
    """The client context reaches the function."""
    client_context = {"custom": {"a": 1}, "client": {"app_title": "desk"}}
    encoded = base64.b64encode(json.dumps(client_context).encode()).decode()
    seen = json.loads(greeter.invoke("greeter::inspect", ClientContext=encoded, TenantId="acme")["Payload"])
    expect("the context's custom values", seen["clientContext"]["custom"], {"a": 1})
    expect("the tenant", seen["tenantId"], "acme")


def invocation_types(_: Desk, odd: Desk) -> None:
    """An `Event` is accepted immediately, and a `DryRun` runs nothing."""
    begin = time.monotonic()
    answer = odd.invoke("odd::crowd::blocking", b'{"number":1,"pause_ms":5000}', InvocationType="Event")
    expect("the status of an Event", (answer["StatusCode"], answer["Payload"]), (202, b""))
    if time.monotonic() - begin > 5:
        raise Failed("an Event was accepted only after it was done")
    answer = odd.invoke("odd::crowd::blocking", InvocationType="DryRun")
    expect("the status of a DryRun", answer["StatusCode"], 204)


def sizes(greeter: Desk, _: Desk) -> None:
    """Six megabytes pass; seven raise the right exception."""
    event = b'"%s"' % (b"x" * (6 * MEGABYTE - 2))
    expect("the payload is the event", greeter.invoke("greeter::echo", event)["Payload"] == event, True)
    refused(greeter, "RequestTooLargeException", "greeter::echo", b'"%s"' % (b"x" * 7 * MEGABYTE))


def refusals(greeter: Desk, _: Desk) -> None:
    """Refusals raise the exceptions of the real service."""
    refused(greeter, "ResourceNotFoundException", "nobody::here", b"{}")
    refused(greeter, "InvalidRequestContentException", "greeter::greet", b"{x")


def refused(desk: Desk, exception: str, name: str, payload: bytes) -> None:
    """Fails unless the invocation raises that exception, with a message."""
    try:
        desk.invoke(name, payload)
    except botocore.exceptions.ClientError as error:
        expect("the exception", type(error).__name__, exception)
        if not error.response["Error"]["Message"]:
            raise Failed(f"{exception} has no message") from None
        return
    raise Failed(f"{exception} should be raised")


def awscli(greeter: Desk, _: Desk) -> None:
    """The AWS command line takes a handler's path as the function's name."""
    program = Path(sys.executable).with_name("aws")
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    with TemporaryDirectory() as scratch:
        reply_file = Path(scratch) / "reply.json"
        command = [str(program), "lambda", "invoke", "--endpoint-url", greeter.url, "--log-type", "Tail"]
        command += ["--function-name", "greeter::greet", "--payload", '{"name":"Ada"}', str(reply_file)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise Failed(f"aws ended with {done.returncode}: {done.stderr}")
        expect("the reply", json.loads(reply_file.read_text()), {"message": "Hello, Ada!"})
    answer = json.loads(done.stdout)
    expect("what it printed", (answer["StatusCode"], answer["ExecutedVersion"]), (200, "$LATEST"))
    if "START RequestId: " not in base64.b64decode(answer["LogResult"]).decode():
        raise Failed("the logs are not there")


def streamed(desk: Desk, name: str, event: object, **options: str) -> tuple[list[bytes], dict[str, str]]:
    """Invokes a function with a streamed response; returns the chunks and the last event."""
    answer = desk.client.invoke_with_response_stream(FunctionName=name, Payload=json.dumps(event), **options)
    expect("the status", answer["StatusCode"], 200)
    expect("ExecutedVersion", answer["ExecutedVersion"], "$LATEST")
    chunks, last = [], []
    for message in answer["EventStream"]:
        if last:
            raise Failed(f"{message} follows InvokeComplete")
        if "PayloadChunk" in message:
            chunks.append(message["PayloadChunk"]["Payload"])
        else:
            last.append(message["InvokeComplete"])
    expect("the number of InvokeComplete", len(last), 1)
    return chunks, last[0]


def streamed_reply(desk: Desk) -> None:
    """The chunks are there as they were sent, and the logs at the end."""
    event = [{"write": "a"}, "flush", {"sleep": 300}, {"write": "b"}]
    chunks, complete = streamed(desk, "streams::written", event, LogType="Tail")
    expect("the chunks", chunks, [b"a", b"b"])
    expect("ErrorCode", complete.get("ErrorCode"), None)
    if "REPORT RequestId: " not in base64.b64decode(complete["LogResult"]).decode():
        raise Failed("the logs are not there")


def streamed_one_by_one(desk: Desk) -> None:
    """A chunk is there before the function makes the next."""
    with TemporaryDirectory() as scratch:
        gate = Path(scratch) / "gate"
        event = [{"write": "a"}, "flush", {"await_file": str(gate)}, {"write": "b"}]
        answer = desk.client.invoke_with_response_stream(FunctionName="streams::written", Payload=json.dumps(event))
        messages = iter(answer["EventStream"])
        expect("the first chunk", next(messages)["PayloadChunk"]["Payload"], b"a")
        gate.touch()
        expect("the second chunk", next(messages)["PayloadChunk"]["Payload"], b"b")
        expect("the last event", list(messages), [{"InvokeComplete": {}}])


def streamed_errors(desk: Desk) -> None:
    """An error before the first chunk or after it is in the last event."""
    for event, expected in (([{"fail": "oh"}], []), ([{"write": "a"}, "flush", {"fail": "oh"}], [b"a"])):
        chunks, complete = streamed(desk, "streams::written", event)
        expect("the chunks", chunks, expected)
        expect("ErrorCode", complete["ErrorCode"], "Unhandled")
        details = json.loads(complete["ErrorDetails"])
        expect("the details", (details["errorType"], details["errorMessage"]), ("Broken", "oh"))


def streamed_sizes(desk: Desk) -> None:
    """No byte and 5 MB are streamed."""
    expect("an empty stream", streamed(desk, "streams::written", []), ([], {}))
    chunks, complete = streamed(desk, "streams::written", [{"blocks": 5 * MEGABYTE // 65536}])
    expect("the bytes", (b"".join(chunks) == b"b" * (5 * MEGABYTE), complete), (True, {}))


def streamed_whole(desk: Desk) -> None:
    """A reply that is not streamed is one chunk, and a streamed one is the payload of `Invoke`."""
    expect("the chunks", streamed(desk, "streams::whole", 1)[0], [b"2"])
    answer = desk.invoke("streams::written", b'[{"write":"a"},"flush",{"write":"b"}]')
    expect("the payload", answer["Payload"], b"ab")


def streamed_refusals(desk: Desk) -> None:
    """A refusal raises an exception before anything is streamed."""
    try:
        streamed(desk, "streams::nobody", [])
    except botocore.exceptions.ClientError as error:
        expect("the exception", type(error).__name__, "ResourceNotFoundException")
        return
    raise Failed("ResourceNotFoundException should be raised")


STREAM_CHECKS: list[Callable[[Desk], None]] = [
    streamed_reply,
    streamed_one_by_one,
    streamed_errors,
    streamed_sizes,
    streamed_whole,
    streamed_refusals,
]

CHECKS: list[Callable[[Desk, Desk], None]] = [
    reply,
    names,
    function_error,
    logs,
    init_error,
    context,
    invocation_types,
    sizes,
    refusals,
    awscli,
]


def main() -> int:
    """Runs every check against the same servers."""
    parser = argparse.ArgumentParser(prog="clients", allow_abbrev=False)
    parser.add_argument("--cargo-mayfly", type=Path, required=True, help="the command's executable")
    program = parser.parse_args().cargo_mayfly.resolve()
    # SIGTERM must pass through every `finally`, which ends the child processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    desks: list[Desk] = []
    failed = 0
    try:
        for selection in (["--package", "greeter"], ["--package", "odd", "--bin", "odd"], ["--package", "streams"]):
            desks.append(Desk(program, *selection))
        for check in (*CHECKS, *STREAM_CHECKS):
            try:
                check(*(desks[2:] if check in STREAM_CHECKS else desks[:2]))
                print(f"ok   dev, {check.__name__}", flush=True)
            except (Failed, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
                print(f"FAIL dev, {check.__name__}\n     {failure}", flush=True)
                failed += 1
    finally:
        for desk in desks:
            desk.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
