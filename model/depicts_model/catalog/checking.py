"""Reports what is doubtful in a catalog file; changes nothing. Standard library only."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from depicts_model.catalog.hierarchy import components, graph_of
from depicts_model.catalog.opening import connect
from depicts_model.types import Qid


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
    """Language to how many have no label in it; every language of the catalog is named."""


def check(path: Path) -> Findings:
    """Look through a catalog file. Raises ArtefactError where it is no whole catalog."""
    connection, manifest = connect(path)
    with closing(connection):
        (visual,) = connection.execute("SELECT count(*) FROM item WHERE visual").fetchone()
        return Findings(
            manifest["snapshot"],
            visual,
            _orphans(connection),
            tuple(_cycles(connection)),
            _namesakes(connection),
            _unlabelled(connection, visual),
        )


def _orphans(connection: sqlite3.Connection) -> tuple[Qid, ...]:
    query = "SELECT id FROM item WHERE visual AND id NOT IN (SELECT item FROM ancestor) ORDER BY id"
    return tuple(_qid(number) for (number,) in connection.execute(query))


def _cycles(connection: sqlite3.Connection) -> Iterator[tuple[Qid, ...]]:
    edges = connection.execute("SELECT DISTINCT child, parent FROM edge").fetchall()
    graph = graph_of({node for edge in edges for node in edge}, edges)
    for members in components(graph):
        if len(members) > 1 or members[0] in graph[members[0]]:
            yield tuple(map(_qid, members))


def _namesakes(connection: sqlite3.Connection) -> dict[tuple[str, str], tuple[Qid, ...]]:
    query = (
        "SELECT language, label, item FROM label JOIN item ON item.id = label.item"
        " WHERE visual ORDER BY language, item"
    )
    groups: dict[tuple[str, str], list[Qid]] = defaultdict(list)
    for language, label, number in connection.execute(query):
        groups[language, label.casefold()].append(_qid(number))
    return {name: tuple(found) for name, found in sorted(groups.items()) if len(found) > 1}


def _unlabelled(connection: sqlite3.Connection, visual: int) -> dict[str, int]:
    query = (
        "SELECT language, sum(visual) FROM label JOIN item ON item.id = label.item"
        " GROUP BY language ORDER BY language"
    )
    return {language: visual - labelled for language, labelled in connection.execute(query)}


def _qid(number: int) -> Qid:
    return Qid(f"Q{number}")
