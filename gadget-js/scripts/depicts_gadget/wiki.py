"""The wiki, over HTTP: the one module that touches the network.

Every method raises WikiError where the wiki refuses, or does not answer. requests is imported when
a wiki is first asked for something: without it, one line says what is missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from depicts_model.errors import ConfigurationError, WikiError

if TYPE_CHECKING:
    import requests

Json = dict[str, Any]
SECONDS = 60
AT_ONCE = 50
"""Titles of one question; more are for bots."""
MAXLAG = 5
"""Seconds that the wiki's databases may be behind while we write."""
TRIES = 4
SYSTEM_MESSAGES = 8
"""The namespace MediaWiki:."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The newest revision of a page, or an older one, whose text is not asked for."""

    id: int
    user: str
    time: str
    summary: str
    text: str = ""


class Wiki:
    """A wiki by the address of its api.php; nobody in particular until `login`."""

    def __init__(
        self,
        api: str,
        agent: str,
        session: requests.Session | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.api = api
        self.user = ""
        self.wait = wait
        self._http = session or _session()
        self._http.headers["User-Agent"] = agent

    # --- reading ---

    def latest(self, titles: Iterable[str]) -> dict[str, Revision]:
        """The newest revision of each page that is there."""
        every = list(titles)
        found: dict[str, Revision] = {}
        for start in range(0, len(every), AT_ONCE):
            some = "|".join(every[start : start + AT_ONCE])
            what = "ids|user|timestamp|comment|content"
            for told in self._all(prop="revisions", titles=some, rvslots="main", rvprop=what):
                for page in told["pages"]:
                    found.update((page["title"], _revision(one)) for one in _revisions(page))
        return found

    def history(self, title: str) -> Iterator[Revision]:
        """All revisions of a page, the newest first, without their texts."""
        what = "ids|user|timestamp|comment"
        for told in self._all(prop="revisions", titles=title, rvprop=what, rvlimit="max"):
            for page in told["pages"]:
                yield from map(_revision, _revisions(page))

    def titles(self, prefix: str) -> list[str]:
        """The wiki's own messages whose names begin so; ``prefix`` is without the namespace."""
        asked = {"apprefix": prefix, "apnamespace": SYSTEM_MESSAGES, "aplimit": "max"}
        every = self._all(list="allpages", **asked)
        return [page["title"] for told in every for page in told["allpages"]]

    def module(self, name: str, mark: str) -> str:
        """What ResourceLoader makes of a module; ``mark`` keeps caches from answering."""
        asked = {"modules": name, "lang": "en", "skin": "vector-2022", "deploy": mark}
        address = self.api.removesuffix("api.php") + "load.php"
        return self._sent("GET", address, params=asked).text

    # --- writing ---

    def login(self, name: str, password: str) -> None:
        """Log in by a bot password; ``name`` is Account@name-of-the-bot-password."""
        asked = {"action": "login", "lgname": name, "lgpassword": password}
        told = self._post({**asked, "lgtoken": self._token("login")})["login"]
        if told["result"] != "Success":
            raise WikiError("login", str(told.get("reason") or told["result"]))
        self.user = told["lgusername"]

    def edit(self, title: str, text: str, summary: str, base: int) -> None:
        """Give a page this text, where its newest revision is ``base``; 0: where it is not there.

        A wiki that is behind is asked again, a few times.
        """
        asked = {
            "action": "edit", "title": title, "text": text, "summary": summary,
            "assertuser": self.user, "maxlag": MAXLAG, "watchlist": "nochange",
        }  # fmt: skip
        only = {"baserevid": base, "nocreate": 1} if base else {"createonly": 1}
        told = self._patiently({**asked, **only})["edit"]
        if told["result"] != "Success":
            raise WikiError("edit", f"{title}: {told.get('code') or told['result']}")

    def _patiently(self, asked: Json) -> Json:
        for _ in range(TRIES):
            try:
                return self._post({**asked, "token": self._token("csrf")})
            except WikiError as error:
                # the one refusal that says when to ask again; nothing was written
                if error.code != "maxlag":
                    raise
                self.wait(error.retry_after or MAXLAG)
        raise WikiError("maxlag", "the wiki's databases stay behind; try again later")

    def _token(self, kind: str) -> str:
        told = self._query(meta="tokens", type=kind)
        return str(told["query"]["tokens"][f"{kind}token"])

    # --- HTTP ---

    def _all(self, **asked: Any) -> Iterator[Json]:
        """What lies below "query", as often as there is more."""
        told: Json = {"continue": {}}
        while "continue" in told:
            told = self._query(**asked, **told["continue"])
            yield told["query"]

    def _query(self, **asked: Any) -> Json:
        asked |= {"action": "query", "format": "json", "formatversion": 2}
        return self._told(self._sent("GET", self.api, params=asked))

    def _post(self, asked: Json) -> Json:
        asked |= {"format": "json", "formatversion": 2}
        return self._told(self._sent("POST", self.api, data=asked))

    def _told(self, answer: requests.Response) -> Json:
        try:
            told = answer.json()
        except ValueError:
            raise WikiError("strange", f"{self.api}: no answer of an Action API") from None
        if not isinstance(told, dict):
            raise WikiError("strange", f"{self.api}: no answer of an Action API")
        if "error" in told:
            after = answer.headers.get("Retry-After", "")
            wait = float(after) if after.isdigit() else None
            raise WikiError(told["error"]["code"], told["error"].get("info", ""), wait)
        return told

    def _sent(self, method: str, address: str, **parts: Any) -> requests.Response:
        import requests

        try:
            answer = self._http.request(method, address, timeout=SECONDS, **parts)
        except requests.RequestException as error:
            # its text would tell the whole address, questions and all
            raise WikiError("network", f"{address}: {type(error).__name__}") from None
        if answer.status_code != requests.codes.ok:
            raise WikiError(f"http-{answer.status_code}", address)
        return answer


def _session() -> requests.Session:
    try:
        import requests
    except ImportError:
        raise ConfigurationError("needs the Python package requests; see docs/gadget.md") from None
    return requests.Session()


def _revisions(page: Json) -> list[Json]:
    """None of a page that is not there."""
    found: list[Json] = page.get("revisions", [])
    return found


def _revision(told: Json) -> Revision:
    text = told.get("slots", {}).get("main", {}).get("content", "")
    # what was hidden of a revision is not there
    user, summary = told.get("user", "somebody"), told.get("comment", "")
    return Revision(told["revid"], user, told["timestamp"], summary, text)
