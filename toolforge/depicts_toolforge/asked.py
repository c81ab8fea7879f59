"""What a request asks for, read strictly. Pure: texts in, values or a Problem out.

A misspelt key is refused rather than ignored: ``haev=Q146`` would silently switch off the
promise that nothing redundant is suggested.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from depicts_model.types import Decision, Mid, Qid, Verdict, parse_mid, parse_qid
from depicts_toolforge.problems import Problem, bad_request
from depicts_toolforge.tokens import Offer

MOST_ITEMS: Final = 500
"""Items that ``have`` may name; no file on Commons has so many depicts statements."""
LONGEST_SEARCH: Final = 100
"""Characters of a search."""
FOUND: Final = 10
"""Items found where nobody says how many."""
MOST_FOUND: Final = 50
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}")
_SHA1: Final = re.compile("[0-9a-f]{40}")
_REVISION: Final = 2**62
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reader's language, and the items that the file has already."""

    language: str
    have: tuple[Qid, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """Words to look for among labels and aliases, whose, and how many items at the most."""

    text: str
    language: str
    limit: int


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A token, and the decisions sent with it as they came."""

    token: str
    decisions: tuple[Mapping[str, Any], ...]


def file_id(text: str) -> Mid:
    """The file that the path names."""
    try:
        return parse_mid(text)
    except ValueError as error:
        raise bad_request(str(error)) from None


def wanted(query: Mapping[str, Sequence[str]], language: str) -> Wanted:
    """What the query string says; ``language`` where it names none."""
    return _wanted(single(query, ("lang", "have")), language)


def of_a_file(query: Mapping[str, Sequence[str]], language: str) -> tuple[Wanted, str]:
    """The same, and the content that the reader sees; empty where none is named."""
    given = single(query, ("lang", "have", "sha1"))
    sha1 = given.get("sha1", "")
    if "sha1" in given and not _SHA1.fullmatch(sha1):
        raise bad_request(f"sha1: must be 40 hexadecimal digits, not {short(sha1)}")
    return _wanted(given, language), sha1


def _wanted(given: Mapping[str, str], language: str) -> Wanted:
    return Wanted(language_tag(given.get("lang", language)), _items(given.get("have", "")))


def item_id(text: str) -> Qid:
    """The item that the path names."""
    try:
        return parse_qid(text)
    except ValueError as error:
        raise bad_request(str(error)) from None


def search(query: Mapping[str, Sequence[str]], language: str) -> Search:
    """The words that the query string asks for; ``language`` where it names none."""
    given = single(query, ("search", "lang", "limit"))
    text = " ".join(given.get("search", "").split())
    if not 0 < len(text) <= LONGEST_SEARCH:
        raise bad_request(f"search: must have 1 to {LONGEST_SEARCH} characters, not {len(text)}")
    tag = language_tag(given.get("lang", language))
    return Search(text, tag, _limit(given.get("limit", str(FOUND))))


def _limit(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]?", text) or int(text) > MOST_FOUND:
        raise bad_request(f"limit: must be a number from 1 to {MOST_FOUND}, not {short(text)}")
    return int(text)


def single(query: Mapping[str, Sequence[str]], names: Collection[str]) -> dict[str, str]:
    """The query string's keys, each one of ``names`` and given once."""
    _known(query, names, "query")
    for name, values in query.items():
        if len(values) > 1:
            raise bad_request(f"query: {name} is given {len(values)} times")
    return {name: values[0] for name, values in query.items()}


def language_tag(tag: str) -> str:
    """``tag``, which looks like a language code."""
    if not _LANGUAGE.fullmatch(tag):
        raise bad_request(f"lang: not a language code: {short(tag)}")
    return tag


def _items(text: str) -> tuple[Qid, ...]:
    names = text.split("|") if text else []
    if len(names) > MOST_ITEMS:
        raise bad_request(f"have: {len(names)} items, more than {MOST_ITEMS}")
    try:
        return tuple(dict.fromkeys(map(parse_qid, names)))
    except ValueError as error:
        raise bad_request(f"have: {error}") from None


def verdicts(media_type: str, body: bytes) -> Verdicts:
    """The token and the decisions in the body; what they say is read by ``decisions``."""
    if media_type != "application/json":
        detail = f"send application/json, not {short(media_type)}"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    found = _object(_parsed(body), "body")
    _known(found, ("token", "decisions"), "body")
    token, sent = found.get("token"), found.get("decisions")
    if not isinstance(token, str):
        raise bad_request("body: token must be a text")
    if not isinstance(sent, list) or not sent:
        raise bad_request("body: decisions must be a list, not an empty one")
    return Verdicts(token, tuple(_object(one, f"decisions[{n}]") for n, one in enumerate(sent)))


def decisions(sent: Verdicts, offer: Offer, at: datetime) -> tuple[list[Decision], list[Qid]]:
    """The decisions on what was offered, at least one; and the items that were not offered.

    One item that a person found elsewhere loses nothing of what was said of the others.
    """
    made = [_decision(one, f"decisions[{n}]", offer, at) for n, one in enumerate(sent.decisions)]
    if len({one.qid for one in made}) < len(made):
        raise bad_request("decisions: an item is named twice")
    offered = [one for one in made if one.qid in offer.items]
    if not offered:
        raise _not_offered(made[0].qid, "decisions[0]")
    return offered, [one.qid for one in made if one.qid not in offer.items]


def _decision(sent: Mapping[str, Any], where: str, offer: Offer, at: datetime) -> Decision:
    _known(sent, ("item", "verdict", "revision"), where)
    item = _item(sent.get("item"), where)
    revision = _revision(sent.get("revision"), where)
    verdict = _verdict(sent.get("verdict"), where)
    said = Decision(offer.mid, offer.sha1, item, verdict, at, revision)
    return replace(said, issued=offer.issued)


def _item(value: Any, where: str) -> Qid:
    try:
        return parse_qid(value if isinstance(value, str) else "")
    except ValueError:
        raise _not_offered(value, where) from None


def _not_offered(item: Any, where: str) -> Problem:
    return bad_request(f"{where}: item {short(item)} was not offered")


def _verdict(value: Any, where: str) -> Verdict:
    if isinstance(value, str) and value in list(Verdict):
        return Verdict(value)
    known = ", ".join(Verdict)
    raise bad_request(f"{where}: verdict must be one of {known}, not {short(value)}")


def _revision(value: Any, where: str) -> int | None:
    if value is None or (type(value) is int and 0 < value < _REVISION):
        return value
    raise bad_request(f"{where}: revision must be the id of a revision, not {short(value)}")


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("body: not JSON") from None


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"{where}: must be an object, not {short(value)}")
    return value


def _known(found: Mapping[str, Any], names: Collection[str], where: str) -> None:
    for name in found:
        if name not in names:
            near = difflib.get_close_matches(name[:_SHOWN], names, n=1, cutoff=0.0)
            hint = f"; the nearest one is {near[0]!r}" if near else ""
            raise bad_request(f"{where}: unknown key {short(name)}{hint}")


def short(value: Any) -> str:
    """What was sent, as a problem may repeat it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
