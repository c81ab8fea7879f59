"""Whether a file that was loaded has another in its place by now."""

from __future__ import annotations

from pathlib import Path

Mark = tuple[int, int, int]


def mark(path: Path) -> Mark | None:
    """Which file this is: another one has another number, time or length; None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
