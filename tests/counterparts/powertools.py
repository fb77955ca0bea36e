"""Compares `#[mayfly::batch]` with the batch processors of Powertools for AWS Lambda (Python).

    VENV/bin/python3 tests/counterparts/powertools.py --cargo-mayfly PATH

The Python must have aws-lambda-powertools. Every event goes to a function of the fixture `failing`, which `cargo mayfly
dev` serves, and to a processor of Powertools, whose records fail in the same way. The events have every subset of their
records failing. Both must report the same items, apart from the differences in `COMPARISONS`. Prints a line a
comparison and, last, `N passed, N failed`; the exit code is 1 if any failed.
"""

import argparse
import asyncio
import base64
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    async_process_partial_response,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from cases import WORKSPACE
from emulators import post
from processes import Failed, Process

Record = dict[str, Any]
Event = dict[str, Any]

ALL_FAILED = "the invocation fails"
"""The outcome of an event whose failure is an error and not a list of items."""

Outcome = list[Any] | str
"""The items that are reported as failed, in their order, or `ALL_FAILED`."""


def message(number: int, text: str, group: str | None, queue: str) -> Record:
    """Makes a message of a queue."""
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1795546800000"}
    if group is not None:
        attributes |= {"MessageGroupId": group, "SequenceNumber": str(1000 + number)}
    return {
        "messageId": f"message-{number}",
        "receiptHandle": "a handle",
        "body": text,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-central-1:123456789012:{queue}",
        "awsRegion": "eu-central-1",
    }


def change(number: int, text: str) -> Record:
    """Makes a change of a table."""
    return {
        "eventID": f"event-{number}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "Keys": {"id": {"N": str(number)}},
            "NewImage": {"id": {"N": str(number)}, "text": {"S": text}},
            "SequenceNumber": str(1000 + number),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/items/stream/2026",
    }


def stream_record(number: int, text: str) -> Record:
    """Makes a record of a stream."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "key",
            "sequenceNumber": str(1000 + number),
            "data": base64.b64encode(text.encode()).decode(),
            "approximateArrivalTimestamp": 1795546800.25,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000006:{1000 + number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/role",
        "awsRegion": "eu-central-1",
        "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/stream",
    }


def standard(texts: list[str]) -> Event:
    """Messages of a standard queue, some of which have a group, as those of fair queues do."""
    groups = itertools.cycle(["a", None])
    return {"Records": [message(*numbered, next(groups), "queue") for numbered in enumerate(texts)]}


def fifo(texts: list[str]) -> Event:
    """Messages of a FIFO queue with three groups."""
    groups = itertools.cycle("abacb")
    return {"Records": [message(*numbered, next(groups), "queue.fifo") for numbered in enumerate(texts)]}


def kinesis(texts: list[str]) -> Event:
    """Records of one shard."""
    return {"Records": [stream_record(*numbered) for numbered in enumerate(texts)]}


def dynamodb(texts: list[str]) -> Event:
    """Changes of one shard."""
    return {"Records": [change(*numbered) for numbered in enumerate(texts)]}


def kafka(texts: list[str]) -> Event:
    """Records of three partitions of two topics: the first alone in its own, the others in turns."""
    records: dict[str, list[Record]] = {}
    for number, text in enumerate(texts):
        topic, partition = ("payments", 0) if number == 0 else ("orders", number % 2)
        records.setdefault(f"{topic}-{partition}", []).append(
            {
                "topic": topic,
                "partition": partition,
                "offset": 1000 + number,
                "timestamp": 1795546800000,
                "timestampType": "CREATE_TIME",
                "value": base64.b64encode(text.encode()).decode(),
                "headers": [],
            }
        )
    return {
        "eventSource": "aws:kafka",
        "eventSourceArn": "arn:aws:kafka:eu-central-1:123456789012:cluster/cluster/uuid",
        "bootstrapServers": "b-1.example.com:9092",
        "records": records,
    }


def check(text: str) -> None:
    """Fails as the functions of the fixture do."""
    if text == "bad":
        raise ValueError("the record is bad")


async def check_body(record: Any) -> None:
    """Handles a message of a queue, asynchronously."""
    check(record.body)


def sync_processor(kind: EventType, text: Callable[[Any], str]) -> Callable[[Event], Event]:
    """Returns Powertools' processor of a source; `text` reads the text of a record."""
    return lambda event: process_partial_response(event, lambda record: check(text(record)), BatchProcessor(kind))


def fifo_processor(skip_group_on_error: bool) -> Callable[[Event], Event]:
    """Returns Powertools' processor of FIFO queues."""

    def process(event: Event) -> Event:
        processor = SqsFifoPartialProcessor(skip_group_on_error=skip_group_on_error)
        return process_partial_response(event, lambda record: check(record.body), processor)

    return process


def async_processor(event: Event) -> Event:
    """Processes messages with Powertools, all at once."""
    return async_process_partial_response(event, check_body, AsyncBatchProcessor(EventType.SQS))


def same(theirs: Outcome, _: Event) -> Outcome:
    """Both report the same."""
    return theirs


def failed_groups(theirs: Outcome, event: Event) -> Outcome:
    """Of what Powertools reports, Mayfly reports the groups that have a record that failed."""
    groups = {}
    for record in event["Records"]:
        groups.setdefault(record["attributes"]["MessageGroupId"], []).append(record)
    expected = []
    for records in groups.values():
        first = next((at for at, record in enumerate(records) if record["body"] == "bad"), len(records))
        expected += [record["messageId"] for record in records[first:]]
    reported = set(items_of(event)) if theirs == ALL_FAILED else set(theirs)
    if not reported.issuperset(expected):
        raise Failed(f"Powertools lets records through that follow a failed one: {sorted(reported)}")
    return [item for item in items_of(event) if item in expected]


def items_not_error(theirs: Outcome, event: Event) -> Outcome:
    """Mayfly reports all items where Powertools fails the invocation."""
    return items_of(event) if theirs == ALL_FAILED else theirs


def first_item(theirs: Outcome, event: Event) -> Outcome:
    """Mayfly reports the first item only."""
    return (items_of(event) if theirs == ALL_FAILED else theirs)[:1]


def first_of_each_partition(theirs: Outcome, event: Event) -> Outcome:
    """Mayfly reports the first item of each partition; it fails the invocation if no record succeeded or was left."""
    if theirs == ALL_FAILED and all(len(records) == 1 for records in event["records"].values()):
        return ALL_FAILED
    first: dict[str, Any] = {}
    for item in items_of(event) if theirs == ALL_FAILED else theirs:
        first.setdefault(item["partition"], item)
    return list(first.values())


def items_of(event: Event) -> list[Any]:
    """Lists the identifiers of all records of an event."""
    if "records" in event:
        return [
            {"partition": partition, "offset": record["offset"]}
            for partition, records in event["records"].items()
            for record in records
        ]
    return [
        record.get("messageId")
        or record.get("kinesis", {}).get("sequenceNumber")
        or record.get("dynamodb", {}).get("SequenceNumber")
        for record in event["Records"]
    ]


@dataclass(frozen=True)
class Comparison:
    """A processor of Powertools and the function with which it is compared."""

    what: str
    handler: str
    event: Callable[[list[str]], Event]
    theirs: Callable[[Event], Event]
    ours: Callable[[Outcome, Event], Outcome] = same
    """Derives the outcome that Mayfly must have from that of Powertools."""
    difference: str = ""


COMPARISONS = [
    Comparison("SQS", "sqs", standard, sync_processor(EventType.SQS, lambda record: record.body)),
    Comparison("SQS, several at once", "sqs_at_once", standard, async_processor),
    Comparison(
        "SQS FIFO, skip_group_on_error",
        "sqs",
        fifo,
        fifo_processor(True),
        items_not_error,
        # docs/events/sqs.md
        "where all are reported, Powertools fails the invocation: the queue delivers the same messages again",
    ),
    Comparison(
        "SQS FIFO",
        "sqs",
        fifo,
        fifo_processor(False),
        failed_groups,
        # docs/events/sqs.md
        "Powertools ends the batch at the first failure, Mayfly its group only: order is kept in each group",
    ),
    Comparison(
        "Kinesis",
        "kinesis",
        kinesis,
        sync_processor(EventType.KinesisDataStreams, lambda record: record.kinesis.data_as_text()),
        first_item,
        # docs/events/kinesis.md
        "Powertools goes on after a failure, Mayfly does not: Lambda delivers all after the first failure again",
    ),
    Comparison(
        "DynamoDB",
        "dynamodb",
        dynamodb,
        sync_processor(EventType.DynamoDBStreams, lambda record: record.dynamodb.new_image["text"]),
        first_item,
        # docs/events/dynamodb.md
        "as for Kinesis",
    ),
    Comparison(
        "Kafka",
        "kafka",
        kafka,
        sync_processor(EventType.Kafka, lambda record: record.decoded_value.decode()),
        first_of_each_partition,
        # docs/events/kafka.md
        "as for Kinesis, in each partition",
    ),
]


def events(comparison: Comparison) -> Iterator[Event]:
    """Makes events of one to five records, with each subset of them failing. Powertools refuses an event without any."""
    for length in range(1, 6):
        for texts in itertools.product(["good", "bad"], repeat=length):
            yield comparison.event(list(texts))


def outcome_of_theirs(comparison: Comparison, event: Event) -> Outcome:
    """Processes an event with Powertools."""
    try:
        return items(comparison.theirs(json.loads(json.dumps(event))))
    except BatchProcessingError:
        return ALL_FAILED


def outcome_of_ours(port: int, comparison: Comparison, event: Event) -> Outcome:
    """Invokes the function with an event."""
    status, body = post(port, f"failing::{comparison.handler}", event)
    reply = json.loads(body)
    if reply.get("errorType") == "Function.BatchFailed":
        return ALL_FAILED
    if status != 200 or set(reply) != {"batchItemFailures"}:
        raise Failed(f"the function answered {status} with {reply}")
    return items(reply)


def items(reply: Event) -> list[Any]:
    """Lists the items of a reply."""
    return [failure["itemIdentifier"] for failure in reply["batchItemFailures"]]


def compare(port: int, comparison: Comparison) -> str:
    """Compares both on every event; returns a summary."""
    compared = different = 0
    for event in events(comparison):
        theirs, ours = outcome_of_theirs(comparison, event), outcome_of_ours(port, comparison, event)
        expected = comparison.ours(theirs, event)
        if ours != expected:
            raise Failed(f"Mayfly should report {expected}, and reports {ours}; Powertools: {theirs}; {event}")
        compared += 1
        different += ours != theirs
    if bool(different) != bool(comparison.difference):
        raise Failed(f"{different} outcomes differ, and the table says: {comparison.difference or 'none'}")
    summary = f"{compared} events"
    return f"{summary}, {different} outcomes differ: {comparison.difference}" if different else summary


def main() -> int:
    """Runs every comparison against one server."""
    parser = argparse.ArgumentParser(prog="powertools", allow_abbrev=False)
    parser.add_argument("--cargo-mayfly", type=Path, required=True, help="the command's executable")
    program = parser.parse_args().cargo_mayfly.resolve()
    # SIGTERM must pass through every `finally`, which ends the child processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asyncio.set_event_loop(asyncio.new_event_loop())
    environment = {name: value for name, value in os.environ.items() if name != "LOGLEVEL"}
    server = Process([str(program), "dev", "--port", "0", "--package", "failing"], environment, WORKSPACE)
    passed = failed = 0
    try:
        port = int(server.wait_for_output(r"listening on http://[0-9.]+:([0-9]+)").group(1))
        for comparison in COMPARISONS:
            name = f"Powertools, {comparison.what}"
            try:
                print(f"ok   {name}: {compare(port, comparison)}", flush=True)
                passed += 1
            except Failed as failure:
                print(f"FAIL {name}\n     {failure}", flush=True)
                failed += 1
    finally:
        if failed:
            print(server.output()[-5000:])
        server.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
