"""Makes a catalog from a Wikidata JSON dump in two passes: the class graph, then the entities.

What was read goes into a work file beside the catalog, so memory does not grow with the dump, and
a killed run is taken up again. The result is the same bytes as that of an undisturbed run.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from depicts_model.catalog.builder import number
from depicts_model.catalog.dump_content import listed_ids, streams_of
from depicts_model.catalog.dump_entities import Facts, facts_of
from depicts_model.catalog.dump_reading import Line, entity_of, lines
from depicts_model.catalog.dump_work import State, Work
from depicts_model.catalog.mending import CUT, DROP, DROP_DIRECT, Tables
from depicts_model.catalog.starter import read_tables
from depicts_model.catalog.writing import Summary, write
from depicts_model.claims import IMAGE, PARENT_TAXON, SUBCLASS_OF
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid

RULES: Final = "2"
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
    """Line number and what is wrong, of every line that could not be read."""


def build_dump(source: Path, out: Path, options: Options, progress: Progress | None = None) -> Made:
    """Write the catalog of the dump ``source`` to ``out``; takes up the work of a killed run.

    Raises ArtefactError where the dump cannot be read to its end or holds no item; what was read
    stays in the work file beside ``out``.
    """
    tables = read_tables()
    work = Work(_work_path(out), _key(source, options, tables))
    try:
        made = _build(_Run(source, options, tables, work, progress), out)
        work.finish()
        return made
    except sqlite3.Error as error:
        raise ArtefactError(f"{_work_path(out)}: cannot be used: {error}") from None
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
    _sweep(out)
    rows = streams_of(run.work, run.tables, run.options.min_sitelinks, origin)
    return Made(write(rows, out), state.items, state.others, state.dropped, damaged)


def _sweep(out: Path) -> None:
    """Remove what a run left that was killed while it wrote; the work file is ours alone."""
    for path in out.parent.iterdir():
        if path.name.startswith(f".{out.name}.") and ".part" in path.suffix:
            path.unlink(missing_ok=True)


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
    state = replace(state, items=state.items + 1, modified=max(state.modified, facts.modified))
    if rules.drop(facts):
        return replace(state, dropped=state.dropped + 1)
    if rules.keep(facts):
        run.work.add_entity(facts)
    return state


def _facts(line: Line, languages: Iterable[str]) -> Facts | None:
    entity = entity_of(line)
    return facts_of(entity, tuple(languages)) if entity else None


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which items may come in."""

    dropped: frozenset[int]
    """Upper classes, and kinds of item that are dropped, with all below them."""
    kinds: frozenset[int]
    """Of these no instance comes in, unless the tables name it."""
    named: frozenset[int]
    needed: frozenset[int]
    """In without a picture: what is above those with one, and what the tables list."""
    min_sitelinks: int

    @classmethod
    def of(cls, run: _Run) -> _Rules:
        rows = run.tables.upper_classes
        named = {
            action: {number(Qid(row["qid"])) for row in rows if row["action"] == action}
            for action in (CUT, DROP, DROP_DIRECT)
        }
        listed = listed_ids(run.tables)
        kinds = run.work.below(named[DROP]) | named[DROP_DIRECT]
        dropped = (kinds - listed) | named[CUT]
        needed = run.work.above(listed)
        return cls(dropped, kinds, listed, needed, run.options.min_sitelinks)

    def drop(self, facts: Facts) -> bool:
        """A metaclass such as *profession* is named: what lies below it must stay barred."""
        if facts.id in self.dropped:
            return True
        return facts.id not in self.named and not self.kinds.isdisjoint(facts.p31)

    def keep(self, facts: Facts) -> bool:
        pictured = facts.image and facts.labels and facts.sitelinks >= self.min_sitelinks
        return bool(pictured) or facts.id in self.needed


def _work_path(out: Path) -> Path:
    return out.with_name(f".{out.name}.work")


def _key(source: Path, options: Options, tables: Tables) -> str:
    """Names the source by name, size and time: to read it all for a checksum takes an hour."""
    try:
        about = source.stat()
    except OSError as error:
        raise ArtefactError(f"{source}: cannot be read: {error.strerror}") from None
    values = [RULES, source.name, about.st_size, about.st_mtime_ns, _hash(tables)]
    return json.dumps([*values, sorted(options.languages), options.min_sitelinks])


def _hash(tables: Tables) -> str:
    return hashlib.sha256(json.dumps(asdict(tables), sort_keys=True).encode()).hexdigest()


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
        "tables_sha256": _hash(run.tables),
        "sqlite": sqlite3.sqlite_version,
    }
