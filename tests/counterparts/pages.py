"""The pages of `greeter::api` on cargo-lambda's function URL, which requires every member of a reply."""

import base64
import re
from pathlib import Path

from cases import WORKSPACE
from emulators import CargoLambda, Page
from processes import Failed

API = WORKSPACE / "examples/greeter/src/api.rs"


def pages() -> dict[str, Page]:
    """The handlers, each with the page that a browser must receive."""
    pixel = re.search(r'PIXEL: &str = "([^"]+)"', API.read_text())
    if pixel is None:
        raise Failed(f"{API.name} has no pixel")
    return {
        "greeter::api::hello": Page(200, "text/plain; charset=utf-8", b"Hello!"),
        "greeter::api::pixel": Page(200, "image/png", base64.b64decode(pixel.group(1))),
    }


def run(handler: str, expected: Page, program: Path, bootstrap: Path) -> str | None:
    """Opens a page of a handler; returns the failure with the log."""
    emulator = CargoLambda(program, bootstrap, handler)
    try:
        page = emulator.get("/any/path?page=1")
        if page != expected:
            raise Failed(f"expected {expected}, got {page}")
    except Failed as failure:
        return f"{failure}\n{emulator.output()}"
    finally:
        emulator.stop()
    return None
