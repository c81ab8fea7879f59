"""``python -m depicts_model.store show | down REVISION``: which schema, and back to an older one.

Up needs no command: whatever opens the database for writing brings it up to date. Down is for who
goes back to an older program; the newer one knows how, and is asked before it goes. The database
is the one that the settings in the environment name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from depicts_model.errors import DepictsError
from depicts_model.settings import load
from depicts_model.store.engine import schema_revisions, take_back


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 with one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m depicts_model.store", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("show", help="the database's schema, and the newest that this program knows")
    down = verbs.add_parser("down", help="take the schema back; what only newer ones hold is lost")
    down.add_argument("revision")
    told = parser.parse_args(arguments)
    try:
        url = load().database_url
        if told.verb == "down":
            take_back(url, told.revision)
        found, newest = schema_revisions(url)
    except DepictsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"schema {found or 'missing'}; this program knows {newest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
