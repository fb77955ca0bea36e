"""Runs `greeter` under two independent emulators of Lambda and compares what callers see.

    python3 tests/counterparts --programs DIR --odd PATH --streams PATH --streamed PATH --hooks PATH \\
        --bootstrap NAME=PATH [--bootstrap NAME=PATH …]

`DIR` is where `wheels.py` left the emulators; each `bootstrap` is one build of `examples/greeter`; `odd` and `streams`
are release builds of the fixtures of these names, which AWS's emulator also runs as Managed Instances, as root;
`streamed` and `hooks` are binaries of the fixtures `routes` and `hooks`. Prints a line a check and, last,
`N passed, N failed`; the exit code is 1 if any failed.
"""

import argparse
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import ends
import lives
import managed_instances
import pages
import streams
from cases import CASES, Case
from emulators import CargoLambda, Rie, wait_for_ending
from processes import Failed


def check(case: Case, emulator: Rie | CargoLambda) -> None:
    """Makes the invocations of a case and checks the process afterwards."""
    for expected in case.answers:
        expected.check(emulator.invoke(case.event))
    ending = wait_for_ending(emulator) if case.ending else emulator.ending()
    if ending != case.ending:
        raise Failed(f"the process should {case.ending or 'go on'}, but: {ending or 'it goes on'}")


def run(case: Case, kind: type[Rie] | type[CargoLambda], program: Path, bootstrap: Path) -> str | None:
    """Runs a case in its own emulator; returns the failure with the log."""
    emulator = kind(program, bootstrap, case.handler)
    try:
        check(case, emulator)
    except Failed as failure:
        return f"{failure}\n{emulator.output()}"
    finally:
        emulator.stop()
    return None


def checks(programs: Path, bootstraps: list[tuple[str, Path]], fixtures: argparse.Namespace) -> Iterator[tuple[str, str | None]]:
    """Runs every check; yields its name and its failure."""
    rie, cargo_lambda = programs / "aws-lambda-rie", programs / "cargo-lambda"
    for kind, program in ((Rie, rie), (CargoLambda, cargo_lambda)):
        for name, bootstrap in bootstraps:
            for case in CASES:
                yield f"{kind.name}, {name}: {case.handler}", run(case, kind, program, bootstrap)
    for handler, page in pages.pages().items():
        yield f"cargo-lambda's function URL: {handler}", pages.run(handler, page, cargo_lambda, bootstraps[0][1])
    for life in lives.LIVES:
        yield f"RIE, the call {life.what}", lives.run(life, rie, fixtures.odd)
    for handler in managed_instances.HANDLERS:
        yield f"RIE as a Managed Instance: {handler}", managed_instances.run(handler, rie, fixtures.odd)
    yield from streams.checks(rie, cargo_lambda, fixtures.streams, fixtures.streamed)
    yield from ends.checks(rie, fixtures.hooks)


def build(argument: str) -> tuple[str, Path]:
    """Parses `NAME=PATH`."""
    name, separator, path = argument.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"`{argument}` is not NAME=PATH of an executable")
    return name, program(path)


def program(path: str) -> Path:
    """Parses the path of an executable."""
    if not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"`{path}` is no executable")
    return Path(path).resolve()


def main() -> int:
    """Runs every case of every build on every counterpart."""
    parser = argparse.ArgumentParser(prog="counterparts", allow_abbrev=False)
    parser.add_argument("--programs", type=Path, required=True, help="where wheels.py left the emulators")
    parser.add_argument("--bootstrap", type=build, action="append", required=True, help="NAME=PATH of a build")
    for fixture in ("odd", "streams", "streamed", "hooks"):
        parser.add_argument(f"--{fixture}", type=program, required=True, help="a build of this fixture")
    arguments = parser.parse_args()
    # SIGTERM must pass through every `finally`, which ends the child processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    failed = passed = 0
    for name, failure in checks(arguments.programs.resolve(), arguments.bootstrap, arguments):
        print(f"{'FAIL' if failure else 'ok  '} {name}", flush=True)
        if failure:
            print("     " + failure.replace("\n", "\n     "), flush=True)
            failed += 1
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
