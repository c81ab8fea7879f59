"""Sends recorded requests again and compares the answers, field by field.

What a wiki mints anew is bound, not ignored: a statement id of the recording stands for one of
ours from its first appearance on, in requests and answers. Times later than the seed are equal to
each other, tokens too; nothing else is let off, but for the stack trace of an internal error and
the SHA-1 of a slot that holds minted ids.
"""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from . import control
from .app import Application
from .state import State
from .world import World

Json = dict[str, Any]

BASE = "http://commons.test"
ITEMS = "http://wikidata.test"
_GUID = re.compile(r"[MQ]\d+\$[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\b20\d{12}\b|\d\d:\d\d, \d+ \w+ \d{4}")
_REQUEST_ID = re.compile(r"^\[[0-9a-f]{24}\]")
_TOKEN = re.compile(r"^.*\+\\$")
_WRITES = (
    "edit",
    "rollback",
    "move",
    "delete",
    "undelete",
    "protect",
    "block",
    "unblock",
    "logout",
)
_RACE_S = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """A recorded request and its answer; ``line`` counts from 1."""

    line: int
    api: str
    request: dict[str, str]
    answer: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of one client, and what happened to the wiki before them."""

    group: int
    lines: range
    client: str
    before: list[Json]
    odd: str


def read_pairs(path: Path) -> list[Pair]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [pair_of(line, row) for line, row in enumerate(rows, 1)]


def pair_of(line: int, row: Json) -> Pair:
    request = {key: str(value) for key, value in row["req"].items()}
    return Pair(line, row["api"], request, row["resp"], row["hdr"])


def read_stretches(path: Path) -> list[Stretch]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Stretch(
                int(row["group"]),
                range(int(row["first_line"]), int(row["last_line"]) + 1),
                row["client"],
                json.loads(row["state_before"] or "[]"),
                row["odd"],
            )
            for row in csv.DictReader(lines)
        ]


@dataclass(slots=True)
class Bindings:
    """Which of our statement ids a recorded one stands for."""

    ours: dict[str, str] = field(default_factory=dict)

    def translate(self, text: str) -> str:
        """A recorded text with our ids."""
        return _GUID.sub(lambda found: self.ours.get(found[0], found[0]), text)

    def bind(self, recorded: str, got: str) -> None:
        """Pair the ids of two texts, in order; those already bound keep their partner."""
        for theirs, mine in zip(_GUID.findall(recorded), _GUID.findall(got), strict=False):
            if theirs not in self.ours and mine not in self.ours.values():
                self.ours[theirs] = mine


class Replay:
    """Replays stretches against one wiki; `outcomes` tells each line's differences."""

    def __init__(self, world: World, known_times: str) -> None:
        self.state = State(world)
        self.app = Application(self.state)
        self.known = set(_TIMES.findall(known_times))
        self.known |= {re.sub(r"\D", "", time) for time in self.known}
        self.outcomes: dict[int, list[str]] = {}
        self._start()

    def _start(self) -> None:
        self._clients: dict[str, Client] = {}
        self._tokens: dict[tuple[str, str, str], str] = {}
        self._bound = Bindings()

    def run(self, pairs: list[Pair], stretches: Iterable[Stretch]) -> dict[int, list[str]]:
        by_line = {pair.line: pair for pair in pairs}
        for stretch in stretches:
            if {"do": "reset"} in stretch.before:
                self._start()
            for order in stretch.before:
                control.apply(self.state, order)
            some = [by_line[line] for line in stretch.lines]
            if stretch.client == "racers":
                self._race(some)
            else:
                for pair in some:
                    self._judge(pair, self._send(pair, stretch.client, stretch.odd))
        return self.outcomes

    # --- sending ---

    def _send(self, pair: Pair, client: str, odd: str = "") -> TestResponse:
        path = "/w/api.php" if pair.api.startswith(BASE) else "/wikidata/w/api.php"
        params = {key: self._bound.translate(value) for key, value in pair.request.items()}
        params |= self._secrets(pair, client, odd)
        response = self._client(client).post(path, data=params, base_url=BASE)
        self._keep_tokens(pair, client, response.get_json())
        return response

    def _client(self, name: str) -> Client:
        return self._clients.setdefault(name, Client(self.app))

    def _secrets(self, pair: Pair, client: str, odd: str) -> dict[str, str]:
        """The passwords and tokens that the recording leaves out."""
        action, world = pair.request["action"], self.state.world
        login = self._tokens.get((client, pair.api, "login"), "")
        if action == "login":
            password = world.passwords[pair.request["lgname"]]
            wrong = "not this" if odd == "wrong password" else password
            return {"lgpassword": wrong, "lgtoken": login}
        if action == "clientlogin":
            return {"password": world.passwords[pair.request["username"]], "logintoken": login}
        if odd == "no token" or not _needs_token(action):
            return {}
        kind = "rollback" if action == "rollback" else "csrf"
        own = self._tokens.get((client, pair.api, kind), "+\\")
        return {"token": "wrong" if odd == "wrong token" else own}

    def _keep_tokens(self, pair: Pair, client: str, body: Any) -> None:
        if pair.request.get("meta") == "tokens":
            for name, token in body["query"]["tokens"].items():
                self._tokens[client, pair.api, name.removesuffix("token")] = token

    # --- racing ---

    def _race(self, pairs: list[Pair]) -> None:
        """All at once; the recorded winner arrives first. The answers are compared as a set."""
        winners = [pair for pair in pairs if "error" not in pair.answer]
        ordered = winners + [pair for pair in pairs if pair not in winners]
        answers: dict[int, TestResponse] = {}
        threads = [
            threading.Thread(target=self._enter, args=(pair, number, answers))
            for number, pair in enumerate(ordered, 1)
        ]
        for number, thread in enumerate(threads, 1):
            thread.start()
            self._wait_for(number)
        for thread in threads:
            thread.join(_RACE_S)
        for pair in pairs:
            self._judge(pair, answers[pair.line])

    def _enter(self, pair: Pair, number: int, answers: dict[int, TestResponse]) -> None:
        answers[pair.line] = self._send(pair, f"racer {number}")

    def _wait_for(self, writers: int) -> None:
        for _ in range(100 * _RACE_S):
            with self.state.lock:
                if self.state.rendezvous.waiting >= writers:
                    return
            threading.Event().wait(0.01)
        raise AssertionError(f"racer {writers} did not arrive")

    # --- judging ---

    def _judge(self, pair: Pair, response: TestResponse) -> None:
        got = json.loads(response.text.replace(BASE + "/wikidata", ITEMS))
        found = list(self._differences(pair.answer, got, ""))
        found += [
            f"header {name}: {value!r}, not {response.headers.get(name)!r}"
            for name, value in pair.headers.items()
            if response.headers.get(name) != value
        ]
        self.outcomes[pair.line] = found

    def _differences(self, want: Any, got: Any, where: str) -> Iterator[str]:
        if isinstance(want, dict) and isinstance(got, dict):
            for key in sorted({*want, *got}):
                place = f"{where}/{key}"
                if key not in want or key not in got:
                    yield f"{place}: {'only ours' if key in got else 'missing'}"
                elif not _is_minted(place, want):
                    yield from self._differences(want[key], got[key], place)
        elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
            for index, (theirs, mine) in enumerate(zip(want, got, strict=True)):
                yield from self._differences(theirs, mine, f"{where}/{index}")
        elif isinstance(want, str) and isinstance(got, str):
            self._bound.bind(want, got)
            if self._plain(self._bound.translate(want)) != self._plain(got):
                yield f"{where}: {got!r}, not {want!r}"
        elif want != got or type(want) is not type(got):
            yield f"{where}: {got!r}, not {want!r}"

    def _plain(self, text: str) -> str:
        text = _TIMES.sub(lambda found: found[0] if found[0] in self.known else "TIME", text)
        return _TOKEN.sub("TOKEN", _REQUEST_ID.sub("[ID]", text))


def _needs_token(action: str) -> bool:
    reads = ("wbgetentities", "wbgetclaims", "wbsearchentities", "wbformatvalue")
    return action in _WRITES or (action.startswith("wb") and action not in reads)


def _is_minted(place: str, row: Json) -> bool:
    """The trace of an internal error, and the digest of a slot with minted ids."""
    return (place == "/error/*" and "errorclass" in row) or place.endswith("/slots/mediainfo/sha1")
