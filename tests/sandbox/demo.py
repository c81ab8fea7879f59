"""``python -m tests.sandbox.demo [--check]``: the whole product, on an embedded wiki.

Without ``--check`` everything is left running for a person to look at, until Ctrl-C. With it every
step is carried out once and judged; the exit status is 0 only if all of them happened.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from tests.sandbox.demo_chain import StepError
from tests.sandbox.demo_running import check, show
from tests.sandbox.judging import TABLE

MARKER = ".made-by-the-demo"
PORT = 8030
"""Of the gallery; the wiki is one further. An address that stays the same can be kept open."""
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def emptied(folder: Path) -> bool:
    """Make the folder anew; False, and nothing touched, where it is not an earlier demo's."""
    marker = folder / MARKER
    empty = folder.is_dir() and not any(folder.iterdir())
    if folder.exists() and not marker.is_file() and not empty:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.write_text("Made by the demo, and removed when it runs again.\n", encoding="utf-8")
    return True


def interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends the demo; a second one does not end the ending."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests.sandbox.demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="run once and judge")
    parser.add_argument("--folder", type=Path, default=Path("var/demo"), help="where to work")
    parser.add_argument("--table", type=Path, default=TABLE, help="what counts as right (CSV)")
    parser.add_argument(
        "--port", type=int, default=PORT, help="of the gallery; the wiki is one further"
    )
    given = parser.parse_args()
    if not 0 <= given.port < 65535:
        parser.error(f"--port {given.port}: not from 0 to 65534")
    return given


def main() -> int:
    """Parse the command line and run; 1 where a step did not happen, 130 when interrupted."""
    options = arguments()
    if not emptied(options.folder):
        print(f"error: {options.folder}: holds something that is not the demo's", file=sys.stderr)
        return 2
    for ending in ENDINGS:
        signal.signal(ending, interrupt)
    folder = options.folder.resolve()
    try:
        if options.check:
            check(folder, options.table)
        else:
            show(folder, options.port)
    except StepError as error:
        print(f"FAILED: {error}")
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
