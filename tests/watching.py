"""Which programs coverage watches.

A watched program takes about a third more, and most of that before it has begun: in imports. Where
another test watches the same steps, a program of a test goes unwatched.
"""

from __future__ import annotations

from collections.abc import Mapping

ASKED_BY = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")


def unwatched(environment: Mapping[str, str]) -> dict[str, str]:
    """This environment without what asks coverage to watch a program."""
    return {name: value for name, value in environment.items() if name not in ASKED_BY}
