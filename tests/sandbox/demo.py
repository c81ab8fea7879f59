"""``python -m tests.sandbox.demo [--check]``: the whole product, on an embedded wiki.

Without ``--check`` everything is left running for a person to look at, until Ctrl-C. With it every
step is carried out once and judged; the exit status is 0 only if all of them happened.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from tests.sandbox.demo_chain import StepError
from tests.sandbox.demo_folder import FolderError, own_folder
from tests.sandbox.demo_processes import ENDINGS
from tests.sandbox.demo_running import check, show
from tests.sandbox.judging import TABLE

FOLDERS = {False: Path("var/demo"), True: Path("var/demo-check")}
"""Where to work, by ``--check``: a check beside a running demo leaves it alone."""
PORT = 8030
"""Of the gallery; the wiki is one further. An address that stays the same can be kept open."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends the demo; a second one does not end the ending."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests.sandbox.demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="run once and judge")
    parser.add_argument("--folder", type=Path, help="where to work; by default below var")
    parser.add_argument("--table", type=Path, default=TABLE, help="what counts as right (CSV)")
    parser.add_argument(
        "--port", type=int, default=PORT, help="of the gallery; the wiki is one further"
    )
    given = parser.parse_args()
    if not 0 <= given.port < 65535:
        parser.error(f"--port {given.port}: not from 0 to 65534")
    given.folder = given.folder or FOLDERS[given.check]
    return given


def main() -> int:
    """Parse the command line and run.

    1 where a step did not happen, 2 where the folder cannot be had, 130 when interrupted.
    """
    options = arguments()
    for ending in ENDINGS:
        signal.signal(ending, interrupt)
    try:
        with own_folder(options.folder) as folder:
            if options.check:
                check(folder, options.table)
            else:
                show(folder, options.port)
    except FolderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except StepError as error:
        print(f"FAILED: {error}")
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
