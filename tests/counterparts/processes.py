"""Child processes: waiting for their output, and ending them by their process ids."""

import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

DEADLINE = 20.0
"""The longest wait in seconds, enough for a busy machine."""

Found = TypeVar("Found")


class Failed(Exception):
    """A failed check, with a message for the report."""


def wait_for(what: str, look: Callable[[], Found | None]) -> Found:
    """Calls a function until it returns something; fails at the deadline."""
    deadline = time.monotonic() + DEADLINE
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise Failed(f"waited {DEADLINE:.0f} s for {what}")
        time.sleep(0.01)
    return found


class Process:
    """A process with its output in a file."""

    def __init__(self, arguments: list[str], environment: dict[str, str], directory: Path) -> None:
        self._log = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=directory,
        )

    def output(self) -> str:
        """Returns standard output and standard error so far."""
        # Opened again, since the child shares the position of the file that it inherited.
        return Path(f"/proc/self/fd/{self._log.fileno()}").read_text(errors="replace")

    def wait_for_output(self, pattern: str) -> re.Match[str]:
        """Waits until the output matches the pattern."""
        return wait_for(f"the output /{pattern}/", lambda: re.search(pattern, self.output()))

    def wait_for_port(self, port: int) -> None:
        """Waits until the process accepts connections on a loopback port."""

        def connect() -> bool | None:
            if self.exit_code() is not None:
                raise Failed(f"ended with {self.exit_code()} before it listened on port {port}")
            with socket.socket() as client:
                return True if client.connect_ex(("127.0.0.1", port)) == 0 else None

        wait_for(f"a listener on port {port}", connect)

    def exit_code(self) -> int | None:
        """Returns the exit code, negative for a signal; `None` while the process runs."""
        return self._child.poll()

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self._child.terminate()

    def stop(self) -> None:
        """Ends the process with SIGTERM, then with SIGKILL."""
        self.terminate()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._log.close()


def free_ports(count: int) -> list[int]:
    """Returns loopback ports that are free at the moment."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
