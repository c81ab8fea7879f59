"""Makes a catalog from a SPARQL service, the EntityNet way: 21 super-entities and what is below.

Three steps, each a queue in the work file. First the kinds of item that are dropped, by P279.
Then down from the super-entities (super_entities.csv) by P279 and P171, a step at a time: a leaf
counts only with a picture and enough pages, so the millions of others stay with the service. Last
the facts of what has a picture, of what the tables list, and of everything above these.

Each page and the place after it are committed together, so a killed run is taken up again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from depicts_model.catalog import sparql_queries as queries
from depicts_model.catalog.dump_content import listed_ids, streams_of
from depicts_model.catalog.dump_entities import Facts
from depicts_model.catalog.dump_work import State, Warn, key_of
from depicts_model.catalog.from_wikidata import (
    Dropped,
    dropped_roots,
    hash_of,
    super_entities,
    work_path,
)
from depicts_model.catalog.mending import Tables
from depicts_model.catalog.outputs import check_out
from depicts_model.catalog.sparql_facts import Row, facts_of_rows, number_of
from depicts_model.catalog.sparql_work import QueueWork
from depicts_model.catalog.starter import read_tables
from depicts_model.catalog.writing import Summary, write
from depicts_model.errors import ArtefactError, UnfinishedError
from depicts_model.types import Qid

RULES: Final = "4"
"""Changes with what is asked and kept: work done by other rules is not taken up."""
DROPPED: Final = 1
CLASSES: Final = 2
ITEMS: Final = 3

Ask = Callable[[str], Sequence[Row]]
"""Sends a query; the rows that answer it. Raises UnfinishedError where it asks for too much."""
Progress = Callable[[int, int, int], None]
"""Called after each page with the step (1 to 3), what is done of it, and what is known of it."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """What is asked for. ``languages``: BCP 47 tags of labels, descriptions and aliases."""

    languages: tuple[str, ...]
    min_sitelinks: int = 1
    parents: int = 200
    """Whose children one query asks for; halved while the service does not come to an end."""
    items: int = 100
    """Whose facts one query asks for; halved likewise."""
    rows: int = 5_000
    """Children a page."""


@dataclass(frozen=True, slots=True)
class Crawled:
    """A catalog made from a service."""

    summary: Summary
    items: int
    unknown: int
    """Items that something leads to, of which the service knows nothing."""
    dropped: int
    unfit: int
    """Items that lack a place, for the service named one that is not on Earth."""
    left_out: tuple[tuple[Qid, str], ...]
    """Classes whose children the service could not list, and why: what is below is not in."""


def build_sparql(
    ask: Ask,
    endpoint: str,
    out: Path,
    crawl: Crawl,
    progress: Progress | None = None,
    warn: Warn | None = None,
) -> Crawled:
    """Write the catalog of the service at ``endpoint`` to ``out``; takes up a killed run's work.

    ``warn`` is told where there is such work that another source or other options were meant for.
    Raises ArtefactError where its answers make no sense or hold no item, and what ``ask`` raises;
    what was read stays in the work file beside ``out``.
    """
    check_out(out)
    tables = read_tables()
    work = QueueWork(work_path(out), _key(endpoint, crawl, tables), warn)
    try:
        made = _build(_Run(ask, endpoint, crawl, tables, work, progress), out)
        work.finish()
        return made
    except sqlite3.Error as error:
        raise ArtefactError(f"{work_path(out)}: cannot be used: {error}") from None
    finally:
        work.close()


@dataclass(frozen=True, slots=True)
class _Run:
    ask: Ask
    endpoint: str
    crawl: Crawl
    tables: Tables
    work: QueueWork
    progress: Progress | None


Read = Callable[[_Run, list[int]], None]
"""Asks for a batch of the queue and commits what it finds."""


def _build(run: _Run, out: Path) -> Crawled:
    _step(run, DROPPED, dropped_roots(run.tables), _read_subclasses)
    _step(run, CLASSES, _below_what(run), _read_children)
    _step(run, ITEMS, listed_ids(run.tables), _reader_of_items(run))
    state = run.work.state
    if not state.items:
        raise ArtefactError(f"{run.endpoint}: knows none of the items asked for")
    left_out = tuple((Qid(f"Q{n}"), why) for n, why in run.work.damages())
    origin = _origin(run, left_out)
    run.work.index()
    rows = streams_of(run.work, run.tables, run.crawl.min_sitelinks, origin)
    counts = state.items, state.others, state.dropped, state.unfit
    return Crawled(write(rows, out), *counts, left_out)


def _below_what(run: _Run) -> frozenset[int]:
    """The super-entities; what lies below a dropped kind is of no use, so it is not asked for."""
    kinds = run.work.members(DROPPED)
    try:
        first = super_entities(run.tables, kinds)
    except ArtefactError:
        run.work.commit(replace(run.work.state, key=""))  # asked anew once the wiki is mended
        raise
    run.work.enqueue(CLASSES, kinds)
    run.work.done(CLASSES, kinds)
    return first


def _step(run: _Run, step: int, first: Iterable[int], read: Read) -> None:
    """Ask until nothing waits any more, unless an earlier run has come further."""
    if run.work.state.step > step:
        return
    run.work.enqueue(step, first)
    most = size = run.crawl.items if step == ITEMS else run.crawl.parents
    failed: list[int] = []
    while batch := run.work.take(step, size):
        try:
            read(run, batch)
            size = min(2 * size, most)
        except UnfinishedError as error:
            if len(batch) > 1 or batch == failed:  # a single one is asked for twice
                _ask_for_less(run, step, batch, error)
            failed, size = batch, max(1, len(batch) // 2)
    run.work.commit(replace(run.work.state, step=step + 1))


def _ask_for_less(run: _Run, step: int, batch: list[int], error: UnfinishedError) -> None:
    """Halve the batch; a single class that is too large is left out, and told of at the end."""
    if len(batch) > 1:
        run.work.put_back(step, batch)
    elif step == CLASSES and _answers(run):
        run.work.add_damage(batch[0], str(error))
        run.work.done(step, batch)
    else:
        raise error
    run.work.commit(replace(run.work.state, after=""))


def _answers(run: _Run) -> bool:
    """Whether the service comes to the end of a small query: else the fault is not the class's."""
    try:
        run.ask(queries.subclasses(dropped_roots(run.tables), "", 1))
    except UnfinishedError:
        return False
    return True


def _read_subclasses(run: _Run, batch: list[int]) -> None:
    _page(run, DROPPED, batch, queries.subclasses(batch, run.work.state.after, run.crawl.rows))


def _read_children(run: _Run, batch: list[int]) -> None:
    after, crawl = run.work.state.after, run.crawl
    _page(run, CLASSES, batch, queries.children(batch, after, crawl.rows, crawl.min_sitelinks))


def _page(run: _Run, step: int, batch: list[int], query: str) -> None:
    """Queue a page of children; after a full page comes the next one of the same batch."""
    rows = run.ask(query)
    keys = _keys(run, rows)
    # a property or a lexeme may stand below a class too
    found = {n: row for key, row in zip(keys, rows, strict=True) if (n := number_of(key))}
    run.work.enqueue(step, found)
    run.work.enqueue(ITEMS, (n for n, row in found.items() if _is_pictured(row)))
    full = len(rows) >= run.crawl.rows
    if not full:
        run.work.done(step, batch)
    _commit(run, step, replace(run.work.state, after=keys[-1] if full else ""))


def _keys(run: _Run, rows: Sequence[Row]) -> list[str]:
    """The children's addresses; a service that cannot page would be asked for ever."""
    if not all("child" in row for row in rows):
        raise ArtefactError(f"{run.endpoint}: a row without ?child")
    keys = [row["child"].value for row in rows]
    in_order = all(low < high for low, high in pairwise([run.work.state.after, *keys]))
    if not in_order or len(rows) > run.crawl.rows:
        raise ArtefactError(f"{run.endpoint}: does not keep to the order or the limit of a page")
    return keys


def _is_pictured(row: Row) -> bool:
    return "pictured" in row and row["pictured"].value in ("true", "1")


def _reader_of_items(run: _Run) -> Read:
    dropped = Dropped.of(run.tables, run.work.members(DROPPED))

    def read(run: _Run, batch: list[int]) -> None:
        found = _facts(run, batch)
        kept = [one for one in found if not dropped.drops(one)]
        for one in found:
            run.work.add_class(one)
            run.work.add_kinds(one)
        for one in kept:
            run.work.add_entity(one)
            run.work.enqueue(ITEMS, {*one.p31, *one.p279, *one.p171})
        run.work.done(ITEMS, batch)
        _commit(run, ITEMS, _counted(run.work.state, batch, found, kept))

    return read


def _facts(run: _Run, batch: list[int]) -> list[Facts]:
    rows = run.ask(queries.facts(batch, run.crawl.languages))
    try:
        found = facts_of_rows(rows, run.crawl.languages)
    except ValueError as error:
        raise ArtefactError(f"{run.endpoint}: {error}") from None
    if not found.keys() <= set(batch):
        raise ArtefactError(f"{run.endpoint}: facts of items that were not asked for")
    return list(found.values())


def _counted(state: State, batch: list[int], found: list[Facts], kept: list[Facts]) -> State:
    return replace(
        state,
        items=state.items + len(found),
        others=state.others + len(batch) - len(found),
        dropped=state.dropped + len(found) - len(kept),
        unfit=state.unfit + sum(bool(one.unfit) for one in found),
        modified=max([state.modified, *(one.modified for one in found)]),
    )


def _commit(run: _Run, step: int, state: State) -> None:
    run.work.commit(state)
    if run.progress:
        run.progress(step, *run.work.counts(step))


def _key(endpoint: str, crawl: Crawl, tables: Tables) -> str:
    """Page sizes may change from run to run: they change nothing that is found."""
    return key_of(
        rules=RULES,
        service=endpoint,
        tables=hash_of(tables),
        languages=sorted(crawl.languages),
        min_sitelinks=crawl.min_sitelinks,
    )


def _origin(run: _Run, left_out: Sequence[tuple[Qid, str]]) -> dict[str, str]:
    """For the manifest; nothing that differs from one undisturbed run to the next."""
    state = run.work.state
    return {
        "source": "sparql",
        "source_name": run.endpoint,
        "source_items": str(state.items),
        "source_unknown": str(state.others),
        "source_dropped": str(state.dropped),
        "source_unfit": str(state.unfit),
        "left_out": ",".join(qid for qid, _ in left_out),
        "super_entities": ",".join(row["qid"] for row in run.tables.super_entities),
        "languages": ",".join(sorted(run.crawl.languages)),
        "min_sitelinks": str(run.crawl.min_sitelinks),
        "rules": RULES,
        "tables_sha256": hash_of(run.tables),
        "sqlite": sqlite3.sqlite_version,
    }
