"""``keeper.py FOLDER COMMAND…``: runs a server, and ends it when standard input closes.

PHP's built-in server leaves its workers behind when it is ended. This program ends them all by
their ids: on a signal, or when whoever holds the other end of its input is gone, killed or not.
Then it removes the folder, which was theirs, unless the server ended by itself: that wants to be
read about. An interrupt of a terminal does not reach it, in a session of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 5.0
"""Seconds that the server and its workers have to end when they are asked to."""

PR_SET_CHILD_SUBREAPER = 36
"""Of Linux' prctl."""


def members(session: int) -> list[int]:
    """Ids of the processes of a session, its first one left out; orphans stay in it."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # the name, in brackets, may hold spaces; the session is the fourth word after it
            if int(place.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(int(place.parent.name))
    return [one for one in found if one != session]


def end(session: int) -> None:
    """Ask its processes to end, wait until none is left, and kill those that do not end."""
    tell(members(session), signal.SIGTERM)
    if not childless(PATIENCE):
        tell(members(session), signal.SIGKILL)
        childless(PATIENCE)


def childless(seconds: float) -> bool:
    """Take leave of children that have ended, until there are no more; False where some stay."""
    until = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
        return False
    return True


def tell(processes: list[int], what: signal.Signals) -> None:
    for one in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, what)


def main() -> int:
    """0 where it was asked to end, 1 where the server ended by itself."""
    session = os.getsid(0)
    if session != os.getpid():
        # or others of the session would be ended, too
        print("error: keeper.py wants a session of its own", file=sys.stderr)
        return 2
    asked: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, lambda number, _: asked.append(number))
    # workers whose parent has ended become ours, so that none stays as a zombie
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    server = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
    while server.poll() is None and not asked and not closed():
        pass
    early = server.returncode is not None
    end(session)
    if not early:
        shutil.rmtree(sys.argv[1], ignore_errors=True)
    return int(early)


def closed() -> bool:
    """Whether standard input has ended; waits for that a moment."""
    ready, _, _ = select.select([0], [], [], 0.2)
    return bool(ready) and not os.read(0, 1)


if __name__ == "__main__":
    sys.exit(main())
