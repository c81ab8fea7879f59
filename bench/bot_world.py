"""The wiki that ``bench-bot`` runs over: the embedded one, full of files, on a core of its own.

A stand-in for Commons: it answers as MediaWiki does (tests/sandbox is compared with recordings),
logs the bot in, and continues after 500 categories, 5,000 with bot rights. Two things are its own:
the log is searched by bisection, so that a page of it costs the same in a log of any length; and
each answer is held back as long as the plan says.

``python -m bench.bot_world PLAN`` is its process: the first line is its address; for each line
that it reads it writes what was asked since, and it ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from werkzeug.wrappers import Request, Response

from tests.bot import worlds
from tests.sandbox.api import logs, query
from tests.sandbox.api.call import Call
from tests.sandbox.api.paging import Listing, stamp
from tests.sandbox.app import Seen
from tests.sandbox.server import EmbeddedWiki
from tests.sandbox.world import World

CATEGORIES: Final = 12
FIRST: Final = timedelta(days=20)
"""How long ago the first file came; a first run looks back 30 days beyond its delay."""
APART: Final = timedelta(seconds=10)
PHOTO: Final = {"mime": "image/jpeg", "width": 500, "height": 375}
STEERING: Final = "pages that steer the bot"
LISTED: Final = "pages of the upload log"
DESCRIBED: Final = "pages of files"
CONTINUED: Final = "pages of files, continued"
ENTITIES: Final = "entities"
THUMBNAILS: Final = "thumbnails"
START: Final = "start-up and log-in"
OTHER: Final = "other"
WORDS: Final = (
    "{{{{Information|description={{{{en|1=A view of the harbour, number {n}}}}}|date=2026-01-01"
    "|source={{{{own}}}}|author=[[User:Uploader|Uploader]]}}}}\n{{{{self|cc-by-4.0}}}}\n"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the wiki holds and how it answers; ``photos``: a folder of JPEGs, '' for one picture."""

    files: int
    bot_rights: bool
    latency: float = 0.0
    """Seconds that each answer is held back."""
    photos: str = ""
    core: int = 1

    def dump(self) -> str:
        """The reverse of ``parse``."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """A plan of what ``dump`` wrote."""
        return cls(**json.loads(text))


def world(plan: Plan) -> World:
    """Files 1 to ``plan.files`` with CATEGORIES categories each, and no statements."""
    begin = datetime.now(UTC).replace(microsecond=0) - FIRST
    pictures = _pictures(plan)
    rows = [_row(n, begin + n * APART, next(pictures)) for n in range(1, plan.files + 1)]
    made = worlds.world(rows)
    if plan.bot_rights:
        return made
    return replace(made, users=tuple(_without_rights(user) for user in made.users))


def _pictures(plan: Plan) -> Iterator[bytes]:
    if plan.photos:
        for path in sorted(Path(plan.photos).iterdir()):
            yield path.read_bytes()
        return
    data = worlds.picture(1)
    while True:
        yield data


def _row(n: int, at: datetime, data: bytes) -> tuple[worlds.Row, worlds.Blob]:
    categories = "".join(f"[[Category:Subject {n % 89 + 97 * i}]]" for i in range(CATEGORIES))
    return worlds.file(
        n,
        data,
        title=f"File:A view of the harbour {n}.jpg",
        wikitext=WORDS.format(n=n) + categories,
        timestamp=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        # each of its own: files of the same content would be fetched once
        sha1=f"{n:040x}",
        **PHOTO,
    )


def _without_rights(user: dict[str, Any]) -> dict[str, Any]:
    return {**user, "groups": [group for group in user["groups"] if group != "bot"]}


def quick_log(call: Call, generator: str) -> Listing:
    """``logs.log_events`` over the rows that its answer may hold.

    For a log in order of time that is read from old to new, as the crawl reads it.
    """
    log, prefix = call.site.log, generator + "le"
    at, _, number = call.get(prefix + "continue").partition("|")
    first = (at or stamp(call.get(prefix + "start")), int(number or 0))
    start = bisect_left(log, first, key=lambda one: (stamp(one.timestamp), one.id))
    site = copy(call.site)
    site.log = log[start : start + call.limit(prefix + "limit", "logevents") + 1]
    return logs.log_events(replace(call, site=site), generator)


def kind_of(seen: Seen) -> str:
    """What a request was for."""
    asked = seen.params
    if "/images/" in seen.path:
        return THUMBNAILS
    if asked.get("list") == "logevents":
        return LISTED
    if "pageids" in asked:
        return CONTINUED if "clcontinue" in asked else DESCRIBED
    if seen.action == "wbgetentities":
        return ENTITIES
    if "titles" in asked:
        return STEERING
    begins = seen.action in ("login", "paraminfo") or "meta" in asked
    return START if begins else OTHER


def fewest(requests: Sequence[Seen]) -> int:
    """The least number of files that one request about files named; 0: there was none."""
    named = [seen.params.get("pageids") or seen.params.get("ids") for seen in requests]
    return min((len(ids.split("|")) for ids in named if ids), default=0)


def told(requests: Sequence[Seen]) -> dict[str, Any]:
    """How often each kind of request was made, and ``fewest``."""
    return {
        "kinds": dict(Counter(map(kind_of, requests)).most_common()),
        "fewest": fewest(requests),
    }


def main(text: str) -> None:
    """Serve until the input ends."""
    plan = Plan.parse(text)
    os.sched_setaffinity(0, {plan.core})
    query.LISTS["logevents"] = quick_log

    def hold_back(_request: Request, _params: dict[str, str]) -> Response | None:
        time.sleep(plan.latency)
        return None

    with EmbeddedWiki(world(plan)) as wiki:
        wiki.before = hold_back
        print(wiki.api, flush=True)
        for _ in sys.stdin:
            requests = wiki.requests.copy()
            wiki.requests.clear()
            print(json.dumps(told(requests)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
