"""What the operator is told: the switch, what is paused, what waits, who is at work. Pure.

The operator sees items without a label too, by their ids: a class that cannot be named must still
be resumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depicts_model import switch
from depicts_model.shares import Share
from depicts_model.types import FileRef, Mid, Noted, Pause, Qid, Refusal, RunRecord
from depicts_toolforge import wording
from depicts_toolforge.answers import ITEM_PAGE, chips
from depicts_toolforge.cards import Desk, Named, name_of
from depicts_toolforge.switches import UNREAD
from depicts_toolforge.wikis import files_of, thumbnail

WORKER_LATE: Final = timedelta(minutes=1)
"""A worker that is only busy leaves a sign of life more often."""


@dataclass(frozen=True, slots=True)
class SwitchSeen:
    """The switch as it was last read; all is None or empty where nobody ever did."""

    stopped: bool | None = None
    reason: str = ""
    paused: Mapping[Qid, str] | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """Whether a worker is at work; None: none was ever seen."""

    alive: bool | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PausedClass:
    """A class that is not shown: by its figures, or by the page of the switch."""

    named: Named
    reason: str
    share: Share | None
    """Reverted of saved statements; None where people paused it."""
    at: datetime | None
    """Since when; None where the page of the switch says so."""
    command: str
    """Resumes it; empty where the page of the switch has to be edited."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file as it is looked at: its page here is ``mid``'s."""

    mid: Mid
    name: str
    thumbnail: str | None


@dataclass(frozen=True, slots=True)
class WaitingRefusal:
    """A "no" of two people that is odd beside what others said."""

    named: Named
    sha1: str
    picture: Picture | None
    """A file that has this content; None where none is known any more."""
    files: str
    """Address of what the wiki says of the files that have this content."""
    at: datetime
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run in words."""

    id: int
    kind: str
    version: str
    started: datetime
    ended: str
    counted: str


def switch_seen(noted: Noted | None) -> SwitchSeen:
    """The switch from the note that bot and worker leave."""
    if noted is None:
        return SwitchSeen()
    read = switch.noted(noted.value)
    return SwitchSeen(read.stopped, read.reason, read.paused, noted.at)


def worker_seen(noted: Noted | None, now: datetime) -> WorkerSeen:
    """The worker from its heartbeat."""
    return WorkerSeen() if noted is None else WorkerSeen(now - noted.at <= WORKER_LATE, noted.at)


def warnings(seen: SwitchSeen, worker: WorkerSeen, now: datetime) -> list[str]:
    """What needs the operator at once."""
    found = []
    if seen.stopped:
        found.append(f"Everything is stopped: {seen.reason or 'no reason is given'}.")
    if worker.at and (seen.at is None or now - seen.at > UNREAD):
        found.append("Nobody has read the page of the switch for more than ten minutes.")
    if worker.alive is False:
        found.append("The worker gives no sign of life: files that people ask for wait.")
    return found


def paused_classes(seen: SwitchSeen, pauses: Mapping[Qid, Pause], desk: Desk) -> list[PausedClass]:
    """What is paused by its figures, then what people paused on the wiki."""
    listed = (seen.paused or {}).items()
    by_people = [PausedClass(named(qid, desk), why, None, None, "") for qid, why in listed]
    return by_figures(pauses, desk) + by_people


def by_figures(pauses: Mapping[Qid, Pause], desk: Desk) -> list[PausedClass]:
    """What is paused by its figures."""
    return [_by_figures(pause, desk) for pause in pauses.values()]


def _by_figures(pause: Pause, desk: Desk) -> PausedClass:
    share = Share(pause.reverted, pause.saved) if pause.saved else None
    command = f"depicts-bot resume {pause.qid}"
    return PausedClass(named(pause.qid, desk), pause.reason, share, pause.at, command)


def waiting_refusals(
    refusals: Sequence[Refusal], files: Mapping[str, FileRef], desk: Desk
) -> list[WaitingRefusal]:
    """Those that wait, with the commands that decide; ``files``: one of each content."""
    return [
        WaitingRefusal(
            named(one.qid, desk),
            one.sha1,
            _picture(files[one.sha1], desk) if one.sha1 in files else None,
            files_of(desk.wiki_api, one.sha1),
            one.at,
            tuple(f"depicts-bot refusals {do} {one.sha1} {one.qid}" for do in _DECIDE),
        )
        for one in refusals
    ]


def _picture(file: FileRef, desk: Desk) -> Picture:
    return Picture(file.mid, name_of(file.title), thumbnail(file.thumb_url, desk.origins))


_DECIDE: Final = ("--share", "--dismiss")


def runs_seen(runs: Iterable[RunRecord]) -> list[RunSeen]:
    """Runs in words, in the order given."""
    return [
        RunSeen(
            one.id,
            one.kind,
            one.version,
            one.started,
            wording.moment(one.finished) if one.finished else "not yet, or killed",
            ", ".join(f"{count:,} {name}" for name, count in one.counts.items()),
        )
        for one in runs
    ]


def named(qid: Qid, desk: Desk) -> Named:
    """The item, by its id where it has no label."""
    by_its_id = Named(qid, qid, f"{ITEM_PAGE}{qid}", "en")
    return next(map(desk.named, chips([qid], desk.language, desk.items)), by_its_id)
