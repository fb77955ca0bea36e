"""`MiniStack`: an independent mock of AWS, in which functions run as processes."""

import io
import os
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import botocore.config
from processes import DEADLINE, Process, free_ports

REGION = "us-east-1"


class MiniStack:
    """A running MiniStack."""

    def __init__(self, program: Path) -> None:
        [self.port] = free_ports(1)
        self._scratch = TemporaryDirectory()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": self._scratch.name,
            "TMPDIR": self._scratch.name,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
        }
        self._process = Process([str(program)], environment, Path(self._scratch.name))

    def start(self) -> None:
        """Waits until it listens."""
        self._process.wait_for_port(self.port)

    def output(self) -> str:
        """Returns the output of MiniStack and the functions."""
        return self._process.output()

    def stop(self) -> None:
        """Ends MiniStack, which ends the functions."""
        self._process.stop()
        self._scratch.cleanup()

    def client(self, service: str) -> Any:
        """Makes a client of a service, without retries."""
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=DEADLINE, proxies={}),
        )

    def create_function(self, name: str, handler: str, bootstrap: Path) -> str:
        """Creates a function and returns its ARN."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as writer:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr, entry.compress_type = 0o755 << 16, zipfile.ZIP_DEFLATED
            writer.writestr(entry, bootstrap.read_bytes())
        function = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Handler=handler,
            Role="arn:aws:iam::000000000000:role/none",
            Code={"ZipFile": archive.getvalue()},
            Timeout=20,
        )
        return str(function["FunctionArn"])
