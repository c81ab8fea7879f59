"""Reports what is doubtful in a catalog file; changes nothing. Standard library only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from depicts_model.catalog.components import components_of
from depicts_model.catalog.hierarchy import graph_in_order
from depicts_model.catalog.opening import connect
from depicts_model.types import Qid

_ENDS: Final = """
SELECT id FROM item UNION SELECT child FROM edge UNION SELECT parent FROM edge ORDER BY 1"""
_NAMESAKES: Final = """
SELECT language, casefold(label) AS name, json_group_array(item) FROM label
JOIN item ON item.id = label.item WHERE visual
GROUP BY language, name HAVING count(*) > 1 ORDER BY language, name"""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is doubtful in a catalog. Only cycles are faults: the builder leaves none."""

    snapshot: str
    visual: int
    """How many items may be suggested; all but ``cycles`` is about these."""
    orphans: tuple[Qid, ...]
    """Nothing is above them: no evidence climbs from them."""
    cycles: tuple[tuple[Qid, ...], ...]
    """Each a set of items that all lie above each other."""
    namesakes: Mapping[tuple[str, str], tuple[Qid, ...]]
    """Language and label, without regard to case, to the items that share it."""
    unlabelled: Mapping[str, int]
    """Language to how many have no label in it; every language found or asked for is named."""


def check(path: Path) -> Findings:
    """Look through a catalog file. Raises ArtefactError where it is no whole catalog."""
    connection, manifest = connect(path, mapped=False)
    with closing(connection):
        (visual,) = connection.execute("SELECT count(*) FROM item WHERE visual").fetchone()
        return Findings(
            manifest["snapshot"],
            visual,
            _orphans(connection),
            tuple(_cycles(connection)),
            _namesakes(connection),
            _unlabelled(connection, manifest, visual),
        )


def _orphans(connection: sqlite3.Connection) -> tuple[Qid, ...]:
    query = "SELECT id FROM item WHERE visual AND id NOT IN (SELECT item FROM ancestor) ORDER BY id"
    return tuple(_qid(number) for (number,) in connection.execute(query))


def _cycles(connection: sqlite3.Connection) -> Iterator[tuple[Qid, ...]]:
    nodes = connection.execute(_ENDS)
    edges = connection.execute("SELECT DISTINCT child, parent FROM edge ORDER BY child, parent")
    graph = graph_in_order((node for (node,) in nodes), edges)
    parts = components_of(graph.starts, graph.parents)
    for rows in map(parts.rows, range(len(parts))):
        if len(rows) > 1 or rows[0] in graph.above(rows[0]):
            yield tuple(_qid(graph.nodes[row]) for row in rows)


def _namesakes(connection: sqlite3.Connection) -> dict[tuple[str, str], tuple[Qid, ...]]:
    """Compared by SQLite, which sorts on disk what does not fit into its memory."""
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    return {
        (language, label): tuple(_qid(number) for number in sorted(json.loads(items)))
        for language, label, items in connection.execute(_NAMESAKES)
    }


def _unlabelled(
    connection: sqlite3.Connection, manifest: Mapping[str, str], visual: int
) -> dict[str, int]:
    """A language that was asked for and that no label is in is named too."""
    query = (
        "SELECT language, sum(visual) FROM label JOIN item ON item.id = label.item"
        " GROUP BY language ORDER BY language"
    )
    asked = filter(None, manifest.get("languages", "").split(","))
    labelled = dict.fromkeys(asked, 0) | dict(connection.execute(query))
    return {language: visual - count for language, count in sorted(labelled.items())}


def _qid(number: int) -> Qid:
    return Qid(f"Q{number}")
