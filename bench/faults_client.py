"""Asks the service as the gadget does, and judges each answer: what is not honest is wrong."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, Final, Self

from bench.faults_ledger import CUT_OFF, Ledger, Place
from depicts_model.types import Mid, mid_of
from depicts_toolforge.problems import MEDIA_TYPE
from depicts_toolforge.tokens import Tokens

SECRET: Final = "of the faults that are tried, and of nothing else"  # noqa: S105
LONGEST: Final = 60.0
"""Seconds that a client waits for an answer."""
READERS: Final = 4
PAUSE: Final = 0.03
"""Seconds between two requests of a reader."""
EVERY: Final = 3
"""One request in so many is a decision."""
TRIES: Final = 40
"""Of a decision that was not acknowledged, when all is whole again."""
VERDICTS: Final = ("accepted", "rejected", "skipped", "too-general")
JSON: Final = "application/json"
LATER: Final = 503


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers in small letters, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The body as JSON; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def fault_of(answer: Answer) -> str:
    """What is dishonest about it; empty where nothing is."""
    status, told = answer.status, answer.told
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if b"Traceback" in answer.body:
        return f"{status} with a traceback"
    if status in (200, 201, 202):
        return "" if kind == JSON and told else f"{status} whose body is no JSON"
    if not (400 <= status < 500 or status == LATER):
        return f"status {status}"
    if kind != MEDIA_TYPE or told.get("status") != status or not told.get("code"):
        return f"{status} that is no problem in JSON"
    return f"{LATER} without Retry-After" if _hasty(answer) else ""


def _hasty(answer: Answer) -> bool:
    return answer.status == LATER and "retry-after" not in answer.headers


def ask(
    address: tuple[str, int], method: str, path: str, body: bytes = b"", timeout: float = LONGEST
) -> Answer | None:
    """One request on a connection of its own; None where it was cut off."""
    connection = HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(method, path, body or None, {"Content-Type": JSON} if body else {})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, answer.read())
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def talk(
    address: tuple[str, int], sent: bytes, *, close: bool = True, timeout: float = LONGEST
) -> Answer | None:
    """Bytes as they are; ``close``: and nothing after them. None where no answer came."""
    with socket.create_connection(address, timeout=timeout) as connection:
        with suppress(OSError):  # refused while we were still speaking: the answer is there
            connection.sendall(sent)
            if close:
                connection.shutdown(socket.SHUT_WR)
        return _read(connection)


def _read(connection: socket.socket) -> Answer | None:
    found = bytearray()
    with suppress(OSError):
        while piece := connection.recv(65536):
            found += piece
    head, _, body = bytes(found).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2 or not words[1].isdigit():
        return None
    pairs = (line.partition(":") for line in lines)
    return Answer(int(words[1]), {n.lower(): v.strip() for n, _, v in pairs}, body)


@dataclass(frozen=True, slots=True)
class Said:
    """A decision on what was offered."""

    mid: Mid
    place: Place
    verdict: str
    body: bytes


def said(mid: Mid, answer: Answer, verdict: str, rank: int = 0) -> Said:
    """A verdict on one of the suggestions in an answer."""
    token = answer.headers["decision-token"]
    offer = Tokens(SECRET).read(token, mid)
    item = answer.told["suggestions"][rank]["item"]
    body = {"token": token, "decisions": [{"item": item, "verdict": verdict}]}
    place = (mid, offer.sha1, item, offer.key)
    return Said(mid, place, verdict, json.dumps(body).encode())


@dataclass(slots=True)
class Client:
    """Asks, and writes down what was answered."""

    address: tuple[str, int]
    ledger: Ledger
    expected: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """The items that each file shows."""

    def read(self, number: int, language: str = "en") -> Answer | None:
        """Ask what is known of a file; a 200 must show what is expected of it."""
        path = f"/api/v1/files/M{number}/suggestions?lang={language}"
        answer = ask(self.address, "GET", path)
        self._note(answer, self._amiss(number, answer))
        if answer and answer.status == 202:
            self.ledger.ask(mid_of(number))
        return answer

    def _amiss(self, number: int, answer: Answer | None) -> str:
        if answer is None or number not in self.expected or answer.status not in (200, 202):
            return ""
        shown = [one["item"] for one in answer.told.get("suggestions", ())]
        right = answer.told.get("mid") == f"M{number}" and shown == [*self.expected[number]]
        return "" if right else f"{answer.status} that is not the stored answer"

    def decide(self, one: Said) -> bool:
        """Send a verdict; whether it was acknowledged."""
        self.ledger.say(one.place, one.verdict)
        answer = ask(self.address, "POST", f"/api/v1/files/{one.mid}/decisions", one.body)
        self._note(answer)
        if answer is None or answer.status not in (200, 201):
            return False
        self.ledger.acknowledge(one.place, one.verdict)
        return True

    def _note(self, answer: Answer | None, amiss: str = "") -> None:
        if answer is None:
            self.ledger.answered(CUT_OFF)
        else:
            self.ledger.answered(str(answer.status), fault_of(answer) or amiss)


@dataclass(slots=True)
class Crowd:
    """Readers that decide now and then, as long as the ``with`` block; each in a thread.

    A verdict that was not acknowledged is sent again when all is over: a person would, too.
    """

    client: Client
    readers: int = READERS
    unheard: list[Said] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        for number in range(self.readers):
            thread = threading.Thread(target=self._run, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - spreads the reads, nothing secret
        files, turn = [*self.client.expected], 0
        while not self._over.wait(PAUSE):
            number, turn = dice.choice(files), turn + 1
            answer = self.client.read(number)
            if turn % EVERY == 0 and answer and answer.headers.get("decision-token"):
                self._decide(said(mid_of(number), answer, dice.choice(VERDICTS)))

    def _decide(self, one: Said) -> None:
        if not self.client.decide(one):
            self.unheard.append(one)

    def repeat(self) -> int:
        """Send again what was not acknowledged; how many never are."""
        for _ in range(TRIES):
            self.unheard = [one for one in self.unheard if not self.client.decide(one)]
            if not self.unheard:
                break
            time.sleep(PAUSE)
        return len(self.unheard)
