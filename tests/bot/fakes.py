"""A wiki of a few dictionaries and a linker without a model.

The linker stands in ONLY where the model is not the subject: its answer follows from the bytes
of the image, so that two runs over one wiki can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1

from depicts_bot.wiki import Json
from depicts_model.claims import DEPICTS
from depicts_model.errors import DepictsError, ImageError, WikiError
from depicts_model.types import (
    Failed,
    FileContext,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Suggested,
    Suggestion,
)
from tests.claims import depicts_claim

START = datetime(2026, 11, 1, tzinfo=UTC)
HOST = "upload.test"


@dataclass(frozen=True)
class FakeLinker:
    """Suggests an item for every other image; deterministic; no model behind it."""

    version: str = "fake-1"
    demo: bool = True

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        return [self._one(c, i) for c, i in zip(contexts, images, strict=True)]

    def _one(self, context: FileContext, image: bytes | ImageError) -> Outcome:
        if isinstance(image, ImageError):
            return Failed(str(image), image.retry_after)
        digest = sha1(image).digest()
        if digest[0] % 2:
            return NothingToSuggest(NothingReason.NOT_SURE)
        qid, confidence = Qid(f"Q{1 + digest[1]}"), (1 + digest[2]) / 256
        reasons = (f"{len(image)} bytes",)
        suggestion = Suggestion(
            context.file.mid, qid, confidence, reasons, (Qid("Q1"),), (), self.version
        )
        return Suggested((suggestion,))


@dataclass
class FakeWiki:
    """Answers as MediaWiki does to the three requests of a batch, and counts them."""

    files: dict[int, Json] = field(default_factory=dict)
    log: list[Json] = field(default_factory=list)
    images: dict[str, bytes | DepictsError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    fault: WikiError | None = None
    depicts: set[int] = field(default_factory=set)
    high_limits: bool = False
    api: str = "http://wiki.test/w/api.php"

    def upload(self, pageid: int, image: bytes | DepictsError = b"", **info: object) -> None:
        at = (START + timedelta(minutes=pageid)).strftime("%Y-%m-%dT%H:%M:%SZ")
        url = f"http://{HOST}/{pageid}.jpg"
        self.images[url] = image or f"image {pageid}".encode()
        self.files[pageid] = {
            "url": url,
            "thumburl": url,
            "sha1": f"{pageid:040x}",
            "mime": "image/jpeg",
            "mediatype": "BITMAP",
            "width": 640,
            "height": 480,
        } | info
        row = {"logid": 1000 + pageid, "timestamp": at, "title": f"File:{pageid}.jpg"}
        self.log.append(row | {"pageid": pageid, "logpage": pageid, "params": {}})

    def overwrite(self, pageid: int, sha1: str, at: datetime, action: str = "overwrite") -> None:
        """Another content, or, by ``revert``, an earlier one."""
        revision = self.files[pageid].get("revision", 10 * pageid) + 1
        self.files[pageid] |= {"sha1": sha1, "revision": revision}
        self.images[str(self.files[pageid]["url"])] = f"image {sha1}".encode()
        row = {"logid": 5000 + len(self.log), "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        row |= {"title": f"File:{pageid}.jpg", "action": action}
        self.log.append(row | {"pageid": pageid, "logpage": pageid, "params": {}})

    def ask(self, **parameters: str) -> Json:
        self.asked.append(parameters.get("list") or parameters.get("prop") or parameters["action"])
        if self.fault:
            raise self.fault
        if "titles" in parameters:
            return {"query": {"pages": [self._text(parameters["titles"])]}}
        if parameters.get("list") == "logevents":
            return self._log(parameters)
        if parameters["action"] == "wbgetentities":
            return {"entities": {mid: self._entity(mid) for mid in _ids(parameters["ids"])}}
        return {"query": {"pages": [self._page(int(i)) for i in _ids(parameters["pageids"])]}}

    def fetch(self, url: str, host: str) -> bytes:
        assert host == HOST
        self.fetched.append(url)
        image = self.images[url]
        if isinstance(image, DepictsError):
            raise image
        return image

    def _log(self, parameters: dict[str, str]) -> Json:
        first, last = parameters["lestart"], parameters["leend"]
        rows = [row for row in self.log if first <= row["timestamp"] <= last]
        action = parameters["leaction"].partition("/")[2]
        rows = [row for row in rows if row.get("action", "upload") == action]
        start, size = int(parameters.get("lecontinue", 0)), int(parameters["lelimit"])
        more = {"lecontinue": start + size} if rows[start + size :] else None
        page: Json = {"query": {"logevents": rows[start : start + size]}}
        return page | ({"continue": more} if more else {})

    def _entity(self, mid: str) -> Json:
        if int(mid[1:]) not in self.depicts:
            return {"id": mid, "missing": ""}
        return {"id": mid, "statements": {DEPICTS: [depicts_claim(Qid("Q146"))]}}

    def _text(self, title: str) -> Json:
        if title not in self.texts:
            return {"title": title, "missing": True}
        slots = {"main": {"content": self.texts[title]}}
        return {"title": title, "revisions": [{"revid": 1, "slots": slots}]}

    def _page(self, pageid: int) -> Json:
        if pageid not in self.files:
            return {"pageid": pageid, "missing": True}
        return {
            "pageid": pageid,
            "title": f"File:{pageid}.jpg",
            "lastrevid": self.files[pageid].get("revision", 10 * pageid),
            "imageinfo": [self.files[pageid]],
        }


def _ids(text: str) -> list[str]:
    ids = text.split("|")
    if len(ids) > 50:
        raise WikiError("toomanyvalues", f"{len(ids)} values")
    return ids
