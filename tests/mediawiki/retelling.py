"""Tells a recorded story again to the stand-in behind the real wiki, and compares the answers.

Files, revisions and statements have other numbers here: a recorded file is one of ours, uploaded
when the story first names it, a recorded revision the one that our answer tells in its place, a
statement's id the one that stands where it stood. All else is equal, but times, addresses, and
whatever tells of a block (people's names are others).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.sandbox.api.modules import MODULES
from tests.sandbox.replay import BASE, ITEMS, Bindings, Pair, read_pairs

from .scene import Wiki
from .session import SECONDS, Session, picture

Json = dict[str, Any]

API = Path(__file__).parents[1] / "fixtures" / "api"
PAIRS = {pair.line: pair for pair in read_pairs(API / "recorded.jsonl")}
_NUMBERS = count(1)
_MEDIA = re.compile(r"\bM([1-9]\d{0,2})\b", re.IGNORECASE)
_GUID = re.compile(r"M\d+\$[0-9A-Fa-f-]{36}")
_TITLE = re.compile(r"File:[\w ().-]+\.(?:png|jpg)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_REQUEST = re.compile(r"\[[0-9a-f]{24}\] ")
_NO_SUCH = re.compile(r"(No such revision found for) .*")
_COUNTED = ("pageid", "lastrevid")


@dataclass
class Retelling:
    """One story; ``unknown`` are recorded numbers of which no file was ever there."""

    wiki: Wiki
    uploader: Session
    unknown: frozenset[int] = frozenset({25, 999})
    files: dict[int, int] = field(default_factory=dict)
    revisions: dict[int, int] = field(default_factory=dict)
    bound: Bindings = field(default_factory=Bindings)

    def tell(self, session: Session, *lines: int, token: str | None = None) -> dict[int, Any]:
        """Send these lines; by line what was recorded and what was answered, where they differ.

        ``token``: another one than the session's own; '' for none.
        """
        told: dict[int, Any] = {}
        for line in lines:
            pair = PAIRS[line]
            body, codes = self.ask(session, pair, token)
            told |= self.judged(pair, body, codes)
        return told

    def judged(self, pair: Pair, body: Json, codes: str | None) -> dict[int, Any]:
        self._learn(pair.answer, body)
        want, got = self._plain(pair.answer), self._plain(body)
        expected = pair.headers.get("MediaWiki-API-Error")
        same = want == got and codes == expected
        return {} if same else {pair.line: ((want, expected), (got, codes))}

    def ask(
        self, session: Session, pair: Pair, token: str | None = None
    ) -> tuple[Json, str | None]:
        """A recorded request about our files; the answer, and the header of errors."""
        params = {name: self._ours(value) for name, value in pair.request.items()}
        if "baserevid" in params:
            recorded = int(params["baserevid"])
            params["baserevid"] = str(self.revisions.get(recorded, recorded))
        if MODULES[params["action"]].token and token != "":
            params["token"] = token or session.token()
        answer = session.http.post(session.api, data=params, timeout=SECONDS)
        body: Json = answer.json()
        return body, answer.headers.get("MediaWiki-API-Error")

    def file(self, number: int) -> int:
        """The id of our file in the place of a recorded one."""
        if number not in self.files:
            name = f"Retold {next(_NUMBERS)}.png"
            page = self.uploader.upload(name, "", picture(f"#{next(_NUMBERS):06x}"))
            row = self.uploader.query(pageids=page, prop="info")["pages"][0]
            # a recorded file's first revision has the file's number
            self.files[number], self.revisions[number] = page, row["lastrevid"]
        return self.files[number]

    def title(self, number: int) -> str:
        """Our file's title."""
        page = self.file(number)
        found: str = self.uploader.query(pageids=page)["pages"][0]["title"]
        return found

    # --- numbers ---

    def _ours(self, text: str) -> str:
        """A recorded text about our files."""
        text = self.bound.translate(text)
        ours = {f"M{page}" for page in self.files.values()}
        return _MEDIA.sub(lambda one: one[0] if one[0] in ours else self._media(one), text)

    def _media(self, found: re.Match[str]) -> str:
        number = int(found[1])
        return found[0] if number in self.unknown else f"{found[0][0]}{self.file(number)}"

    def _learn(self, recorded: Any, got: Any) -> None:
        """Which of our statements and revisions stand for the recorded ones."""
        self.bound.bind(json.dumps(recorded), json.dumps(got))
        for theirs, ours in zip(_revisions(recorded), _revisions(got), strict=False):
            self.revisions.setdefault(theirs, ours)

    # --- comparing ---

    def _plain(self, part: Any) -> Any:
        if isinstance(part, dict):
            if part.get("name") == "blockedtext":
                return {"name": "blockedtext", "parameters": len(part["parameters"])}
            # the trace of an internal error
            left_out = {"*"} if "errorclass" in part else set()
            return {
                self._text(key): 0 if key in _COUNTED else self._plain(one)
                for key, one in part.items()
                if key not in left_out
            }
        if isinstance(part, list):
            return [self._plain(one) for one in part]
        return self._text(part) if isinstance(part, str) else part

    def _text(self, text: str) -> str:
        text = text.replace(f"{self.wiki.url}/wikidata", ITEMS).replace(self.wiki.url, BASE)
        text = _GUID.sub("GUID", text)
        text = _TITLE.sub("TITLE", _TIME.sub("TIME", _REQUEST.sub("[ID] ", text)))
        return _MEDIA.sub("M", _NO_SUCH.sub(r"\1 …", text))


def _revisions(part: Any) -> Iterable[int]:
    """Numbers of revisions in an answer, in order."""
    if isinstance(part, dict):
        for key, one in part.items():
            if key == "lastrevid":
                yield one
            else:
                yield from _revisions(one)
    elif isinstance(part, list):
        for one in part:
            yield from _revisions(one)
