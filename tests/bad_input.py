"""``python -m tests.bad_input``: tries all bad input that the tests know, and writes it down.

The tables of the tests are the source; ``docs/bad-input.md`` has every case with what is really
said, the README the main ones. `tests/test_docs.py` holds both against the tables.
"""

from __future__ import annotations

import logging
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bad_input_cases import Case, cases

ROOT = Path(__file__).resolve().parent.parent
PAGE, README = ROOT / "docs" / "bad-input.md", ROOT / "README.md"
BEGIN, END = "<!-- bad input: made by tests.bad_input -->", "<!-- end of bad input -->"
LONGEST = 150
HEAD = "| what comes in | where | what is said |\n|---|---|---|\n"
INTRO = """# Bad input

One row a case of the tests, tried and written down by `python -m tests.bad_input`. A command says
one line on stderr and ends with exit status 2; the API answers with a status and JSON of the type
`application/problem+json`, a page of the service with a status and a page that says why. Nothing is
stored, nothing is lost, nobody sees a traceback.
`FOLDER` stands for the folder of the try, `SERVICE` for the address of a service that errs.

"""
MAIN = (
    ("depicts-bot run", "nobody answers"),
    ("depicts-bot run", "unknown key"),
    ("depicts-bot run", "not a number"),
    ("depicts-bot run", "no label"),
    ("depicts-bot run", "catalog cut short"),
    ("depicts-bot run", "garbage for a store"),
    ("depicts-bot run --config", "batch_size ="),
    ("depicts-web", "no key"),
    ("depicts-web", "host"),
    ("depicts-model", "catalog show cat"),
    ("GET", "a title"),
    ("GET", "language"),
    ("GET", "misspelt key"),
    ("GET", "long query"),
    ("GET", "no words"),
    ("GET", "around the unknown"),
    ("POST", "not JSON"),
    ("POST", "a user name"),
    ("POST", "not offered"),
    ("POST", "unknown verdict"),
    ("POST", "too large"),
)
"""The rows of the README: how their place begins, and what comes in."""
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    where: str
    said: str

    def __str__(self) -> str:
        cells = (_escaped(self.what), _code(self.where), _code(self.said))
        return f"| {' | '.join(cells)} |"


def tried(case: Case) -> Row:
    """The case with what is really said to it."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        # the service's line about each request is not what is said to the caller
        logging.disable(logging.INFO)
        try:
            return Row(case.what, _cut(case.where), _cut(case.tell(Path(folder))))
        finally:
            logging.disable(logging.NOTSET)


def read(text: str) -> list[Row]:
    """The rows of a page's table."""
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [Row(*map(_plain, _CELL.split(line)[1:-1])) for line in lines]


def fits(row: Row, case: Case) -> bool:
    """Whether the row is this case, and holds every word that its test looks for."""
    cut = row.said.endswith("…")
    return (row.what, row.where) == (" ".join(case.what.split()), _cut(case.where)) and all(
        word in row.said or (cut and len(row.said) >= LONGEST) for word in case.words
    )


def main_rows(rows: list[Row]) -> list[Row]:
    """The rows of the README.

    Raises:
        LookupError: one of `MAIN` is no case any more.
    """
    found = []
    for place, what in MAIN:
        fitting = [row for row in rows if row.what == what and row.where.startswith(place)]
        if not fitting:
            raise LookupError(f"{place}, {what}: not in the table")
        found.append(fitting[0])
    return found


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    return HEAD + "".join(f"{row}\n" for row in rows)


def section(text: str) -> str:
    """What stands between the marks of the README."""
    return text.partition(BEGIN)[2].partition(END)[0].strip() + "\n"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()}…"


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_escaped(text)}`"


def _plain(cell: str) -> str:
    text = cell.strip().replace("\\|", "|")
    return text[1:-1] if text.startswith("`") and text.endswith("`") else text


def main() -> int:
    """Try every case and write both tables."""
    rows = [tried(case) for case in cases()]
    PAGE.write_text(INTRO + table(rows), encoding="utf-8")
    before, mark, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    if not mark:
        print(f"error: {README.name}: no line {BEGIN}", file=sys.stderr)
        return 2
    after = rest.partition(END)[2]
    made = f"{before}{BEGIN}\n{table(main_rows(rows))}{END}{after}"
    README.write_text(made, encoding="utf-8")
    print(f"{len(rows)} cases tried")
    return 0


if __name__ == "__main__":
    sys.exit(main())
