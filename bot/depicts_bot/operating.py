"""What the operator does by hand: retention, pauses, refusals that wait."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Final

import click

from depicts_bot.closing import closed
from depicts_bot.pausing import RESUMED
from depicts_bot.runner import path_of
from depicts_bot.settling import MONTH
from depicts_model.catalog import Catalog
from depicts_model.errors import ConfigurationError
from depicts_model.settings import Settings
from depicts_model.store import JOB_SECONDS, Store
from depicts_model.types import Pause, Qid, Refusal, RefusalState, parse_qid
from depicts_model.wiki.agent import DISTRIBUTION

BATCH: Final = 10_000
"""Rows that one call of ``Store.prune`` deletes at the most; it takes small bites of them."""
LISTED: Final = 1_000
LONGEST_REASON: Final = 1_000
"""Characters that still are a line on a page."""
PRUNE: Final = "prune"
"""Kind of the run that deletes."""
_SHA1: Final = re.compile(r"[0-9a-f]{40}")


def prune_store(settings: Settings, keep_days: int) -> None:
    """Delete what is older and not needed any more, and say how much."""
    before = datetime.now(UTC) - timedelta(days=keep_days)
    with Store.open(settings.database_url, JOB_SECONDS) as store:
        # the harvest does so too; it may be switched off
        store.clear_older(datetime.now(UTC) - MONTH)
        run = store.start_run(PRUNE, version(DISTRIBUTION), {"keep_days": keep_days})
        counts: dict[str, int] = {}
        with closed(store, run, lambda: counts):
            while any((gone := store.prune(before, BATCH)).values()):
                counts |= {name: counts.get(name, 0) + count for name, count in gone.items()}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    click.echo(f"run {run}, deleted: {told or 'nothing'}")


def pause_items(settings: Settings, texts: Iterable[str], reason: str) -> None:
    """Pause classes that the catalog knows."""
    line = " ".join(reason.split())
    if not line:
        raise ConfigurationError("--reason must say why")
    if len(line) > LONGEST_REASON:
        raise ConfigurationError(f"--reason has {len(line)} characters, more than {LONGEST_REASON}")
    with Catalog.open(path_of(settings.catalog)) as catalog:
        qids = [_known(catalog, text) for text in texts]
        lines = [
            f"{qid} paused: {_label(catalog, qid)} and {len(catalog.descendants(qid))} items below"
            for qid in qids
        ]
    with Store.open(settings.database_url, JOB_SECONDS) as store:
        for qid in qids:
            store.set_pause(Pause(qid, line, 0, 0, datetime.now(UTC)))
    click.echo("\n".join(lines))


def resume_items(settings: Settings, texts: Iterable[str]) -> None:
    """End pauses; an item that is not paused is an error, and then none is ended.

    What became of earlier claims pauses none of them again.
    """
    qids = [_item(text) for text in texts]
    with Store.open(settings.database_url, JOB_SECONDS) as store:
        paused = store.pauses()
        for qid in qids:
            if qid not in paused:
                known = ", ".join(paused) or "none"
                raise ConfigurationError(f"{qid} is not paused; paused: {known}")
        _note_resumed(store, qids)
        for qid in qids:
            store.end_pause(qid)
            click.echo(f"{qid} resumed")


def _note_resumed(store: Store, qids: Iterable[Qid]) -> None:
    noted, at = store.noted(RESUMED), datetime.now(UTC)
    known = noted.value if noted else {}
    store.note(RESUMED, known | dict.fromkeys(qids, at.isoformat()), at)


def list_refusals(settings: Settings, shared: bool = False) -> None:
    """A line for each refusal that waits, or is shared: SHA-1, item, label, since when."""
    with (
        Catalog.open(path_of(settings.catalog)) as catalog,
        Store.open(settings.database_url, JOB_SECONDS) as store,
    ):
        found = store.shared(LISTED) if shared else store.waiting(LISTED)
        for refusal in found:
            label = _label(catalog, refusal.qid)
            click.echo(f"{refusal.sha1}\t{refusal.qid}\t{label}\t{refusal.at:%Y-%m-%d}")
    click.echo(f"{len(found)} {'shared' if shared else 'waiting'}", err=True)


def decide_refusals(
    settings: Settings,
    share: Sequence[tuple[str, str]],
    dismiss: Sequence[tuple[str, str]],
) -> None:
    """Decide about refusals that wait, or take shared ones back; all of them, or none."""
    wanted = [*_refusals(share, RefusalState.SHARED), *_refusals(dismiss, RefusalState.DISMISSED)]
    with Store.open(settings.database_url, JOB_SECONDS) as store:
        for one in wanted:
            _may_decide(store.refusal(one.sha1, one.qid), one)
        for one in wanted:
            store.settle(one.sha1, one.qid, one.state, one.at)
            click.echo(f"{one.sha1} {one.qid} {one.state.value}")


def _may_decide(known: Refusal | None, wanted: Refusal) -> None:
    """ConfigurationError where there is nothing to be decided."""
    where = f"{wanted.sha1} and {wanted.qid}"
    if known is None or known.state is RefusalState.DISMISSED:
        raise ConfigurationError(f"no refusal waits for {where}")
    if known.state is wanted.state:
        raise ConfigurationError(f"the refusal for {where} is shared already")


def _refusals(pairs: Iterable[tuple[str, str]], state: RefusalState) -> Iterator[Refusal]:
    for sha1, item in pairs:
        if not _SHA1.fullmatch(sha1):
            raise ConfigurationError(f"not a SHA-1, 40 digits 0-9 a-f: {sha1[:50]!r}")
        yield Refusal(sha1, _item(item), state, datetime.now(UTC))


def _item(text: str) -> Qid:
    try:
        return parse_qid(text)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _known(catalog: Catalog, text: str) -> Qid:
    qid = _item(text)
    if qid not in catalog.qids:
        raise ConfigurationError(f"{qid} is not in the catalog: nothing would be paused")
    return qid


def _label(catalog: Catalog, qid: Qid) -> str:
    return catalog.label(qid) or "(no label)"
