"""Says how many branches the tests take, and fails where it is too few.

Coverage's own total mixes statements and branches; what is asked for is branches alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

LEAST: Final = 85.0
"""Per cent of all branches."""


def judge(report: str, least: float = LEAST) -> tuple[str, bool]:
    """One line on the figure, and whether it is enough; ``report``: of ``coverage json``.

    Raises ValueError where the report is none, or was measured without branches.
    """
    totals = json.loads(report).get("totals", {})
    if not totals.get("num_branches"):
        raise ValueError("no branches in the report: was coverage run with branches?")
    share = 100 * totals["covered_branches"] / totals["num_branches"]
    taken = f"{totals['covered_branches']} of {totals['num_branches']}"
    return f"branch coverage: {share:.2f} % ({taken}; at least {least:g} %)", share >= least


def main(path: str) -> int:
    """0: enough; 1: too little; 2: no report."""
    try:
        line, enough = judge(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"error: {path}: {error}", file=sys.stderr)
        return 2
    print(line)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
