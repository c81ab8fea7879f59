"""Makes a catalog from a Wikidata JSON dump in two passes: the class graph, then the entities.

What was read goes into a work file beside the catalog, so memory does not grow with the dump, and
a killed run is taken up again. The result is the same bytes as that of an undisturbed run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from depicts_model.catalog.dump_content import listed_ids, streams_of
from depicts_model.catalog.dump_entities import Facts, facts_of
from depicts_model.catalog.dump_reading import Line, entity_of, lines
from depicts_model.catalog.dump_work import State, Warn, Work, key_of
from depicts_model.catalog.from_wikidata import (
    Dropped,
    dropped_roots,
    hash_of,
    super_entities,
    work_path,
)
from depicts_model.catalog.mending import Tables
from depicts_model.catalog.outputs import check_out
from depicts_model.catalog.starter import read_tables
from depicts_model.catalog.writing import Summary, write
from depicts_model.claims import IMAGE, PARENT_TAXON, SUBCLASS_OF
from depicts_model.errors import ArtefactError

RULES: Final = "5"
"""Changes with what is kept of an entity: work done by other rules is not taken up."""
LANGUAGES: Final = ("en", "mul")

_CLASS_GRAPH: Final = 1
_ENTITIES: Final = 2
_MARKS: Final = tuple(f'"{prop}"'.encode() for prop in (IMAGE, SUBCLASS_OF, PARENT_TAXON))

Progress = Callable[[int, int, int], None]
"""Called with the pass (1, 2), bytes of the file done, and bytes of the file."""


@dataclass(frozen=True, slots=True)
class Options:
    """``languages``: codes of labels and descriptions; ``every``: lines from commit to commit."""

    languages: tuple[str, ...] = LANGUAGES
    min_sitelinks: int = 1
    every: int = 20_000


@dataclass(frozen=True, slots=True)
class Made:
    """A catalog made from a dump."""

    summary: Summary
    items: int
    others: int
    dropped: int
    damaged: tuple[tuple[int, str], ...]
    """Line number and what is wrong, of every line of which all or a part could not be read."""


def build_dump(
    source: Path,
    out: Path,
    options: Options,
    progress: Progress | None = None,
    warn: Warn | None = None,
) -> Made:
    """Write the catalog of the dump ``source`` to ``out``; takes up the work of a killed run.

    ``warn`` is told where there is such work that another source or other options were meant for.
    Raises ArtefactError where the dump cannot be read to its end or holds no item; what was read
    stays in the work file beside ``out``.
    """
    check_out(out, source)
    tables = read_tables()
    work = Work(work_path(out), _key(source, options, tables), warn)
    try:
        made = _build(_Run(source, options, tables, work, progress), out)
        work.finish()
        return made
    except sqlite3.Error as error:
        raise ArtefactError(f"{work_path(out)}: cannot be used: {error}") from None
    finally:
        work.close()


@dataclass(frozen=True, slots=True)
class _Run:
    source: Path
    options: Options
    tables: Tables
    work: Work
    progress: Progress | None


def _build(run: _Run, out: Path) -> Made:
    if run.work.state.step == _CLASS_GRAPH:
        _pass(run, lambda line, state: _read_class(run, line, state))
    run.work.index()
    if run.work.state.step == _ENTITIES:
        rules = _Rules.of(run)
        _pass(run, lambda line, state: _read_entity(run, rules, line, state))
    state, damaged = run.work.state, tuple(run.work.damages())
    if not state.items:
        raise ArtefactError(f"{run.source}: no item in {state.line} lines")
    origin = _origin(run, len(damaged))
    rows = streams_of(run.work, run.tables, run.options.min_sitelinks, origin)
    return Made(write(rows, out), state.items, state.others, state.dropped, damaged)


def _pass(run: _Run, read: Callable[[Line, State], State]) -> None:
    """Read the rest of a pass, committing before every so many lines."""
    total = run.source.stat().st_size
    state = run.work.state
    for line in lines(run.source, state.line, state.offset):
        if line.number % run.options.every == 0:
            run.work.commit(replace(state, line=line.number - 1, offset=line.start))
            if run.progress:
                run.progress(state.step, line.done, total)
        state = read(line, replace(state, line=line.number))
    line_count = state.line if state.step == _ENTITIES else 0
    run.work.commit(replace(state, step=state.step + 1, line=line_count, offset=0))
    if run.progress:
        run.progress(state.step, total, total)


def _read_class(run: _Run, line: Line, state: State) -> State:
    """Only lines that can matter are parsed; a damaged one is told of in the second pass."""
    if any(mark in line.text for mark in _MARKS):
        try:
            facts = _facts(line, ())
        except ValueError:
            return state
        if facts:
            run.work.add_class(facts)
    return state


def _read_entity(run: _Run, rules: _Rules, line: Line, state: State) -> State:
    try:
        entity = entity_of(line)
        facts = facts_of(entity, run.options.languages) if entity else None
    except ValueError as error:
        run.work.add_damage(line.number, " ".join(str(error).split())[:200])
        return state
    if facts is None:
        return replace(state, others=state.others + bool(entity))
    if facts.id in rules.needed:
        run.work.add_kinds(facts)
    dropped = rules.dropped.drops(facts)
    if not dropped and rules.keep(facts) and not run.work.add_entity(facts):
        run.work.add_damage(line.number, f"Q{facts.id} again: an earlier line counts")
        return state
    if facts.unfit:
        run.work.add_damage(line.number, f"of Q{facts.id} only {facts.unfit}"[:200])
    return replace(
        state,
        items=state.items + 1,
        dropped=state.dropped + dropped,
        modified=max(state.modified, facts.modified),
    )


def _facts(line: Line, languages: Iterable[str]) -> Facts | None:
    entity = entity_of(line)
    return facts_of(entity, tuple(languages)) if entity else None


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which items may come in."""

    dropped: Dropped
    needed: frozenset[int]
    """In without a picture: what is above those with one, and what the tables list."""
    min_sitelinks: int

    @classmethod
    def of(cls, run: _Run) -> _Rules:
        below = run.work.below(dropped_roots(run.tables))
        super_entities(run.tables, below)
        dropped = Dropped.of(run.tables, below)
        needed = run.work.above(listed_ids(run.tables))
        return cls(dropped, needed, run.options.min_sitelinks)

    def keep(self, facts: Facts) -> bool:
        pictured = facts.image and facts.labels and facts.sitelinks >= self.min_sitelinks
        return bool(pictured) or facts.id in self.needed


def _key(source: Path, options: Options, tables: Tables) -> str:
    """Names the source by name, size and time: to read it all for a checksum takes an hour."""
    try:
        about = source.stat()
    except OSError as error:
        raise ArtefactError(f"{source}: cannot be read: {error.strerror}") from None
    return key_of(
        rules=RULES,
        source=source.name,
        size=about.st_size,
        time=about.st_mtime_ns,
        tables=hash_of(tables),
        languages=sorted(options.languages),
        min_sitelinks=options.min_sitelinks,
    )


def _origin(run: _Run, damaged: int) -> dict[str, str]:
    """For the manifest; nothing that differs from one undisturbed run to the next."""
    state = run.work.state
    return {
        "source": "dump",
        "source_name": run.source.name,
        "source_bytes": str(run.source.stat().st_size),
        "source_lines": str(state.line),
        "source_items": str(state.items),
        "source_others": str(state.others),
        "source_dropped": str(state.dropped),
        "source_damaged": str(damaged),
        "languages": ",".join(sorted(run.options.languages)),
        "min_sitelinks": str(run.options.min_sitelinks),
        "rules": RULES,
        "tables_sha256": hash_of(run.tables),
        "sqlite": sqlite3.sqlite_version,
    }
