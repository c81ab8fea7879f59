"""The same story in another world: other ids, names and values, consistently changed.

Applied to the seed, its supplement and the recording alike. A server that had learnt answers by
heart would fail the replay of the changed recording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from .hashes import image_path, reference_hash, snak_hash

Json = dict[str, Any]

PAGES, REVISIONS, LOGS, CHANGES, USERS = 40, 1000, 200, 300, 500
_SHIFTS = {
    **dict.fromkeys(("pageid", "logpage", "max-page-id", "page", "pageids"), PAGES),
    **dict.fromkeys(("lastrevid", "revid", "old_revid", "parentid", "oldrevid", "newrevid",
                     "last_revid", "baserevid", "undo", "revision", "rvcontinue"), REVISIONS),
    **dict.fromkeys(("logid", "log", "lecontinue"), LOGS),
    **dict.fromkeys(("rcid", "change", "rccontinue"), CHANGES),
    **dict.fromkeys(("userid", "lguserid", "userID", "blockedbyid"), USERS),
}  # fmt: skip
_NAMES = {
    "DepictsBot": "GuessesBot", "Uploader": "Importer", "Admin": "Chief", "Reviewer": "Assessor",
}  # fmt: skip
_WORDS = {
    "house cat": "tame puma", "A rocket on the pad": "A rocket on its pad",
    "suggest-depicts": "propose-subject", "commonswiki": "pictureswiki",
    "2026-11-21T09:0": "2026-10-11T07:0", "202611210901": "202610110701",
}  # fmt: skip
_IDS = {("userinfo", "id"): "userid", ("log", "id"): "logid"}
"""Numbers called plain ``id``, by what they stand in."""
_DIGITS = str.maketrans("123456789", "234567891")
_ITEM = re.compile(r"\bQ(\d+)")
_MEDIA = re.compile(r"\b([Mm])(\d+)(?![\d.])")
_PAGE_LINK = re.compile(r"(curid=)(\d+)")
_REVISION_TEXT = re.compile(r"(found for M\d+: )(\d+)")
_IMAGE = re.compile(r"images/(thumb/)?\w/\w\w/([^/\"]+)")
_UNTOUCHED = ("wikiid", "siteid")
PREFIX = "Zoo "


class Mapping:
    """Changes JSON trees; ``titles`` are those of the files, with the namespace."""

    def __init__(self, titles: Iterable[str]) -> None:
        stems = sorted({title.partition(":")[2].rpartition(".")[0] for title in titles})
        self._names = [name for stem in stems for name in {stem, stem.replace(" ", "_")}]

    def tree(self, value: Any, key: str = "", parent: str = "") -> Any:
        """A changed copy; hashes of snaks and references are computed anew."""
        if isinstance(value, dict):
            return self._rehashed(
                {
                    self.text(name) if not name.isdigit() else name: self.tree(one, name, key)
                    for name, one in value.items()
                }
            )
        if isinstance(value, list):
            return [self.tree(one, key, parent) for one in value]
        if isinstance(value, bool) or value is None or key in _UNTOUCHED:
            return value
        if isinstance(value, int):
            return self._number(value, _IDS.get((parent, key), key))
        return self._string(value, key) if isinstance(value, str) else value

    def _number(self, value: int, key: str) -> int:
        if key == "numeric-id":
            return int(str(value).translate(_DIGITS))
        return value + _SHIFTS.get(key, 0) if value else value

    def _string(self, value: str, key: str) -> str:
        if key in ("lecontinue", "rvcontinue", "rccontinue"):
            head, _, number = value.rpartition("|")
            return f"{self.text(head)}|{self._number(int(number), key)}"
        if key == "pageids":
            return "|".join(str(self._number(int(one), key)) for one in value.split("|"))
        try:
            inner = json.loads(value)
        except ValueError:
            return self.text(value)
        compact = key == "content"
        separators = (",", ":") if compact else None
        is_json = isinstance(inner, (dict, list))
        return json.dumps(self.tree(inner), separators=separators) if is_json else value

    def text(self, text: str) -> str:
        """A changed string: words, ids, titles, and the paths that hang on titles."""
        for old, new in _WORDS.items():
            text = text.replace(old, new)
        for old, new in _NAMES.items():
            text = re.sub(rf"\b{old}\b", new, text)
        for name in self._names:
            text = text.replace(name, (PREFIX if " " in name else PREFIX.replace(" ", "_")) + name)
        text = _REVISION_TEXT.sub(lambda one: f"{one[1]}{int(one[2]) + REVISIONS}", text)
        text = _ITEM.sub(lambda one: "Q" + one[1].translate(_DIGITS), text)
        text = _MEDIA.sub(_shifted_media, text)
        text = _PAGE_LINK.sub(lambda one: f"{one[1]}{int(one[2]) + PAGES}", text)
        return _IMAGE.sub(_moved_image, text)

    @staticmethod
    def _rehashed(value: Json) -> Json:
        if "snaktype" in value and "hash" in value:
            value["hash"] = snak_hash(value)
        if "snaks" in value and "hash" in value:
            value["hash"] = reference_hash(value["snaks"])
        return value


def _shifted_media(found: re.Match[str]) -> str:
    number = int(found[2])
    return f"{found[1]}{number + PAGES if number else 0}"


def _moved_image(found: re.Match[str]) -> str:
    return f"images/{found[1] or ''}{image_path('File:' + found[2])}"
