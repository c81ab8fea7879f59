"""Whatever the way to the wiki does to answers: true outcomes, and a run that ends by itself.

The real command, pywikibot and thumbnails behind a server that spoils answers (`faulty`); the
linker decodes as the real one does, and is `FakeLinker` else. All runs are made at once, beside
each other, and judged one by one. The table, with what comes of each row:

* what passes is waited out: every file is as in an undisturbed run;
* what lasts, or cannot be understood, ends the run in one line, exit status 2: what is stored is
  as in an undisturbed run, and a later run does the rest;
* a thumbnail that cannot be had is Failed, with a time to try again, and no other file suffers.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle, pairwise
from pathlib import Path

import pytest

from depicts_bot import site
from depicts_model.store import Store
from depicts_model.types import Failed
from depicts_model.wiki import thumbnails
from tests.bot import faults as f
from tests.bot import warm, worlds
from tests.bot.command import Bot
from tests.bot.faulty import (
    AT_WORK,
    Elsewhere,
    Faulty,
    Kind,
    Rule,
    Seen,
    always,
    every_other,
    from_second,
    once,
)
from tests.bot.warm import Ended, Job
from tests.model.store.looking import all_outcomes
from tests.sandbox.server import EmbeddedWiki

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

FILES = 6
BATCH = 4
LIMIT = 60.0
"""Seconds within which each run ends by itself; for a wait of pywikibot's there is `HURRIED`."""
HURRIED = {"BOT_RETRY_WAIT": "0.2"}
LATER = {"BOT_DAYS_LATER": "31"}
PLACES = (Kind.SWITCH, Kind.LIST, Kind.PAGES, Kind.ENTITIES)
Outcomes = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A fault somewhere, and what comes of it; ``code`` of the failure, '' where all is sound."""

    rule: Rule
    code: str = ""

    def __str__(self) -> str:
        where = "+".join(self.rule.kinds) if len(self.rule.kinds) < len(AT_WORK) else "all"
        return f"{self.rule.fault} / {where} / {self.rule.when.__name__}"

    @property
    def at_thumbnails(self) -> bool:
        return Kind.THUMBNAIL in self.rule.kinds


PASSING = (
    f.RESET, f.CLOSED, f.CUT, f.CUT_UNTOLD, f.CUT_CHUNKS, f.TOO_SHORT, f.TOO_LONG, f.HTML, f.EMPTY,
    f.CHARSET, f.BUSY, f.BUSY_3, f.BUSY_DATE, f.BUSY_AHEAD, f.BUSY_BEHIND, f.BUSY_ODDLY, f.BROKEN,
    f.BAD_GATEWAY, f.AWAY, f.AWAY_3, f.TIMED_OUT, f.FORBIDDEN, f.MAXLAG, f.READ_ONLY, f.DATABASE,
    f.RATE,
)  # fmt: skip
"""What comes right at the next try."""
ASKING = {f.BUSY_3: 3.0, f.AWAY_3: 3.0, f.BUSY_DATE: 4.0, f.BUSY_AHEAD: 4.0, f.BUSY_BEHIND: 4.0}
"""Seconds that these ask for."""
HARMLESS = (f.clock(5), f.clock(-5))
SAID = {f.MAXLAG: "maxlag", f.RATE: "ratelimited|no-answer", f.READ_ONLY: "readonly|no-answer"}
"""What the run says where this lasts; ``no-answer`` of all others."""
LASTING = (
    f.RESET, f.CUT, f.HTML, f.EMPTY, f.BUSY, f.AWAY_3, f.BROKEN, f.TIMED_OUT, *SAID, f.DATABASE,
)  # fmt: skip
"""Of them, those that pywikibot tells apart."""
ODD = (f.LIST, f.WORD, f.NOTHING, f.PART)
"""JSON, and not what was asked for."""
LONG = (f.BUSY_DAYS, f.BUSY_FOREVER, f.WHOLE_BUT_BUSY)
NOWHERE = "http://127.0.0.1:1/w/api.php"
REDIRECTS = (f.redirect(302, NOWHERE), f.redirect(307, NOWHERE), f.redirect(308, NOWHERE))
"""Where they lead is filled in once it is known (`led`)."""

PICTURES = {
    "http-": (f.BUSY_DAYS, f.BUSY_FOREVER, f.FORBIDDEN, *REDIRECTS),
    "network": (f.CUT, f.CUT_CHUNKS, f.TOO_LONG),
    "image": (f.CUT_UNTOLD, f.TOO_SHORT, f.HTML, f.HTML_AS_IMAGE, f.EMPTY, f.EMPTY_IMAGE),
}  # fmt: skip
"""What comes of a thumbnail that is spoilt once, by the failure's first word."""
EVERYWHERE = {
    f.RESET, f.CLOSED, f.BUSY, f.BUSY_3, f.BUSY_DATE, f.BUSY_AHEAD, f.BUSY_BEHIND, f.BUSY_ODDLY,
    f.BROKEN, f.BAD_GATEWAY, f.AWAY, f.AWAY_3, f.TIMED_OUT,
}  # fmt: skip
"""Of what passes, that which does at thumbnails, too."""


def passing() -> Iterator[Row]:
    """Each fault once at every place."""
    for fault in PASSING:
        places = (*AT_WORK, Kind.THUMBNAIL) if fault in EVERYWHERE else AT_WORK
        yield Row(Rule(fault, places, once))


def lasting() -> Iterator[Row]:
    """Each fault of the API from the second request of a kind on, the places in turn."""
    places = cycle((Kind.PAGES, Kind.ENTITIES))
    for fault in LASTING:
        yield Row(Rule(fault, (next(places),), from_second), SAID.get(fault, "no-answer"))


def ending() -> Iterator[Row]:
    """What ends a run at once, at every place."""
    codes = {**dict.fromkeys(ODD, "unexpected-answer"), **dict.fromkeys(LONG, "busy")}
    codes |= dict.fromkeys(REDIRECTS, "network")
    places = cycle(PLACES)
    for fault, code in codes.items():
        yield Row(Rule(fault, (Kind.PAGES,), from_second), code)
        if fault is not f.PART:
            yield Row(Rule(fault, (next(places),), once), code)
    yield Row(Rule(f.PART, (Kind.ENTITIES,), from_second), "unexpected-answer")


def starting() -> Iterator[Row]:
    """Before the bot is logged in: what passes is tried once more, the rest ends the run."""
    places = cycle((Kind.START, Kind.LOGIN))
    for fault in (f.RESET, f.CUT, f.HTML, f.BUSY_3, f.AWAY):
        yield Row(Rule(fault, (Kind.START, Kind.LOGIN), once))
        yield Row(Rule(fault, (next(places),), always), "no-answer")
    for fault in (f.LIST, f.WORD):
        yield Row(Rule(fault, (next(places),), once), "not-a-mediawiki")
    for fault in LONG:
        yield Row(Rule(fault, (next(places),), once), "busy")
    for fault in REDIRECTS:
        yield Row(Rule(fault, (next(places),), once), "network")


def pictures() -> Iterator[Row]:
    for code, some in PICTURES.items():
        for fault in some:
            yield Row(Rule(fault, (Kind.THUMBNAIL,), once), code)
    for fault in (f.RESET, f.BUSY, f.CUT_UNTOLD, f.BROKEN):
        code = {f.RESET: "network", f.CUT_UNTOLD: "image"}.get(fault, "http-")
        yield Row(Rule(fault, (Kind.THUMBNAIL,), always), code)
    yield Row(Rule(f.TOO_SHORT, (Kind.THUMBNAIL,), every_other), "image")
    yield Row(Rule(f.WHOLE_BUT_BUSY, (Kind.THUMBNAIL,), once))


STALLS = (
    Row(Rule(f.LATE, (Kind.LIST,), once)),
    Row(Rule(f.STUCK, (Kind.PAGES,), once)),
    Row(Rule(f.LATE, (Kind.THUMBNAIL,), once)),
    Row(Rule(f.STUCK, (Kind.THUMBNAIL,), once), "network"),
)
TABLE = (
    *STALLS,
    *passing(),
    *(Row(Rule(fault, (*AT_WORK, Kind.THUMBNAIL), always)) for fault in HARMLESS),
    *lasting(),
    *ending(),
    *starting(),
    *pictures(),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a row; ``again``: the outcomes after a later run without faults."""

    ended: Ended
    outcomes: Outcomes
    failures: dict[str, Failed]
    seen: Sequence[Seen]
    after: Ended | None
    again: Outcomes


@dataclass(frozen=True, slots=True)
class Sweep:
    """All rows, tried; what an undisturbed run says; what came to where redirects lead."""

    tried: dict[str, Tried]
    undisturbed: Outcomes
    led_away: list[str]


def world() -> list[tuple[worlds.Row, worlds.Blob]]:
    """PNG and JPEG in turn, and a file that the bot leaves alone."""
    kinds = ("PNG", "JPEG")
    made = [
        worlds.file(n, worlds.picture(n, kind=kinds[n % 2]), mime=f"image/{kinds[n % 2].lower()}")
        for n in range(1, FILES + 1)
    ]
    return [*made, worlds.file(FILES + 1, mediainfo=worlds.depicted(FILES + 1))]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        wiki = stack.enter_context(EmbeddedWiki(worlds.world(world())))
        elsewhere = stack.enter_context(Elsewhere())
        calm = Bot(folder / "calm", wiki, batch_size=str(BATCH))
        with Store.open(f"sqlite:///{calm.folder}/empty.sqlite"):
            pass
        assert warm.run(Job(calm)).code == 0
        ways = [stack.enter_context(Faulty(wiki.port, [led(row, elsewhere)])) for row in TABLE]
        tried = try_all(folder, wiki, ways)
        return Sweep(tried, calm.outcomes(), elsewhere.met)


def led(row: Row, elsewhere: Elsewhere) -> Rule:
    """The row's rule; a redirect leads where somebody listens."""
    if row.rule.fault not in REDIRECTS:
        return row.rule
    code = int(row.rule.fault.name.partition(" ")[0])
    return replace(row.rule, fault=f.redirect(code, elsewhere.url))


def try_all(folder: Path, wiki: EmbeddedWiki, ways: Sequence[Faulty]) -> dict[str, Tried]:
    """Every row, and a later run of what was not sound."""
    bots = [
        Bot(folder / str(n), wiki, wiki_api=way.api, batch_size=str(BATCH))
        for n, way in enumerate(ways)
    ]
    for bot in bots:
        # made once: it costs as much as a run
        shutil.copy(folder / "calm" / "empty.sqlite", bot.folder / "store.sqlite")
    ended = warm.run_all([Job(bot, LIMIT, environment=HURRIED) for bot in bots])
    stored = [bot.outcomes() for bot in bots]
    failures = [failed(bot) for bot in bots]
    seen = [sorted(way.seen, key=lambda one: one.at) for way in ways]
    for way in ways:
        way.well()
    unsound = [n for n, one in enumerate(stored) if one and (ended[n].code or failures[n])]
    again = warm.run_all([Job(bots[n], LIMIT, environment=LATER) for n in unsound])
    after = dict(zip(unsound, again, strict=True))
    return {
        str(row): Tried(ended[n], stored[n], failures[n], seen[n], after.get(n), bots[n].outcomes())
        for n, row in enumerate(TABLE)
    }


def failed(bot: Bot) -> dict[str, Failed]:
    """Of the newest outcomes, the failures by media id."""
    with bot.store() as store:
        found = all_outcomes(store)
    return {s.file.mid: s.outcome for s in found if isinstance(s.outcome, Failed)}


def counts(told: str) -> list[int]:
    """The numbers of the summary, the sum first."""
    (line,) = [line for line in told.splitlines() if " listed = " in line]
    return [int(number) for number in re.findall(r"(\d+) [a-z]", re.sub(r"\([^)]*\)", "", line))]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_true_outcomes_and_an_end(sweep: Sweep, row: Row) -> None:
    tried = sweep.tried[str(row)]
    ended = tried.ended
    assert any(one.fault for one in tried.seen), "nothing was spoilt"
    assert ended.code is not None, f"still running after {LIMIT:g} s"
    assert "Traceback" not in ended.err
    hit = set(tried.failures)
    sound = {key: told for key, told in tried.outcomes.items() if key[0] not in hit}
    assert sound.items() <= sweep.undisturbed.items()
    if row.at_thumbnails or not row.code:
        _came_to_the_end(row, tried)
    else:
        _ended_in_one_line(row, tried)
    if tried.after:
        assert tried.after.code == 0, tried.after.err
        assert tried.again == sweep.undisturbed


def _came_to_the_end(row: Row, tried: Tried) -> None:
    assert tried.ended.code == 0, tried.ended.err
    listed, *parts = counts(tried.ended.out)
    assert listed == sum(parts) == len(tried.outcomes) == FILES + 1
    assert bool(tried.failures) is bool(row.code)
    for one in tried.failures.values():
        image = not re.match("network|http-", one.error)
        assert ("image" if image else one.error).startswith(row.code)
        assert one.retry_after


def _ended_in_one_line(row: Row, tried: Tried) -> None:
    assert tried.ended.code == 2
    waits = ("Sleeping for", "Waiting ", "Pausing ")
    said = [line for line in tried.ended.err.splitlines() if not line.startswith(waits)]
    errors = [line for line in said if line.startswith("error: ")]
    assert said[-1:] == errors
    assert re.match(f"error: ({row.code}): http://", errors[0])
    assert not tried.failures


@pytest.mark.parametrize("row", [r for r in TABLE if r.rule.fault in ASKING], ids=str)
def test_nobody_is_asked_before_the_time_that_was_named(sweep: Sweep, row: Row) -> None:
    for at_files in (False, True):
        seen = [s for s in sweep.tried[str(row)].seen if (s.kind is Kind.THUMBNAIL) == at_files]
        for one, following in pairwise(seen):
            if one.fault:
                assert following.at - one.answered > ASKING[row.rule.fault] - 0.05


def test_nobody_is_led_elsewhere(sweep: Sweep) -> None:
    """Neither with the password nor with a cookie, nor for a picture."""
    assert sweep.led_away == []


def test_a_server_that_asks_for_days_is_not_asked_for_other_files(sweep: Sweep) -> None:
    row = Row(Rule(f.BUSY_DAYS, (Kind.THUMBNAIL,), once))
    tried = sweep.tried[str(row)]
    assert len([one for one in tried.seen if one.kind is Kind.THUMBNAIL]) == 1
    assert len(tried.failures) == FILES
    assert all(one.retry_after > 9 * f.DAYS for one in tried.failures.values() if one.retry_after)


def longest(retries: int, first: float, most: float, silence: float) -> float:
    """Seconds that one request to the API may take, if nothing but silence and pauses comes."""
    waits = [max(min(first * (1 << n), most), most) for n in range(retries)]
    tries = (retries + 1) * (site._CONNECT + silence)
    return tries + sum(waits)


def test_the_bounds_that_are_stated() -> None:
    """Of the product's own numbers: see `site.connect` and `thumbnails.DEADLINE`."""
    most, silence = site._LONGEST
    assert longest(*site._RETRIES, most, silence) < 13 * 60
    most, silence = site._LONGEST_HASTY
    assert longest(*site._HASTY, most, silence) < 60
    assert thumbnails.DEADLINE + sum(thumbnails.TIMEOUT) < 60
