"""``python -m tests.gadget.lint``: eslint with Wikimedia's configuration over the gadget."""

from __future__ import annotations

import sys

from tests.sandbox.demo_setup import GADGET, npm


def main() -> int:
    """0: clean; 1: not, or nothing was looked at, for lack of eslint."""
    if not (GADGET / "node_modules" / "eslint").is_dir():
        print("error: gadget-js: eslint is not installed: make setup", file=sys.stderr)
        return 1
    done = npm("run", "--silent", "lint")
    print(done.stdout.strip() or done.stderr.strip() or "gadget-js: eslint found nothing")
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
