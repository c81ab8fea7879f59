"""One person at the Action API of the tests' wiki: what tests ask it to do, and its refusals."""

from __future__ import annotations

import io
from types import TracebackType
from typing import Any, Self

import requests
from PIL import Image

SECONDS = 60
AGENT = "suggest-depicts tests (loopback)"
Json = dict[str, Any]


class ApiError(Exception):
    """The wiki refused; ``code`` is the API's own, ``answer`` the whole of it."""

    def __init__(self, code: str, answer: Json) -> None:
        super().__init__(f"{code}: {answer}")
        self.code = code
        self.answer = answer


def picture(colour: str = "teal", width: int = 320, height: int = 240) -> bytes:
    """A PNG of one colour; other colours are other files to the wiki."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(made, "PNG")
    return made.getvalue()


class Session:
    """Nobody in particular until `login`; every method raises ApiError where the wiki refuses."""

    def __init__(self, api: str) -> None:
        self.api = api
        self.http = requests.Session()
        self.http.headers["User-Agent"] = AGENT

    def get(self, **params: Any) -> Json:
        """Ask by GET."""
        asked = {"format": "json", "formatversion": 2, **params}
        return _accepted(self.http.get(self.api, params=asked, timeout=SECONDS))

    def query(self, **params: Any) -> Json:
        """What ``action=query`` answers below ``query``."""
        found: Json = self.get(action="query", **params).get("query", {})
        return found

    def post(self, files: Json | None = None, **params: Any) -> Json:
        """Ask by POST; without ``token`` it brings one that protects from forgery."""
        asked = {"format": "json", "formatversion": 2, **params}
        asked.setdefault("token", self.token())
        return _accepted(self.http.post(self.api, data=asked, files=files, timeout=SECONDS))

    def token(self, kind: str = "csrf") -> str:
        """A fresh token: ``csrf``, ``login``, ``patrol``…"""
        found: str = self.query(meta="tokens", type=kind)["tokens"][f"{kind}token"]
        return found

    def login(self, name: str, password: str) -> None:
        """With the account's password, or as ``name@app`` with that of a bot."""
        if "@" in name:
            told = self._bot_login(name, password)
        else:
            told = self.post(
                action="clientlogin",
                username=name,
                password=password,
                loginreturnurl=self.api,
                logintoken=self.token("login"),
                token="",
            )["clientlogin"]
        if told.get("status", told.get("result")) not in ("PASS", "Success"):
            raise ApiError("login", told)
        # the session has its secret now; two requests at once would each make one
        self.token()

    def _bot_login(self, name: str, password: str) -> Json:
        told: Json = self.post(
            action="login",
            lgname=name,
            lgpassword=password,
            lgtoken=self.token("login"),
            token="",
        )["login"]
        return told

    def user(self) -> str:
        """Who the wiki thinks this is: a name, or an address."""
        name: str = self.query(meta="userinfo")["userinfo"]["name"]
        return name

    def edit(self, title: str, text: str, **more: Any) -> Json:
        """Give a page this text; returns the answer's ``edit``."""
        asked = {"summary": "test", **more}
        told: Json = self.post(action="edit", title=title, text=text, **asked)["edit"]
        return told

    def text(self, title: str) -> str:
        """A page's wikitext. Raises KeyError where there is none."""
        asked = self.query(prop="revisions", titles=title, rvprop="content", rvslots="main")
        text: str = asked["pages"][0]["revisions"][0]["slots"]["main"]["content"]
        return text

    def upload(self, name: str, wikitext: str = "", data: bytes = b"") -> int:
        """Put a file here, a small PNG unless ``data`` is given; returns its page's id."""
        told = self.post(
            action="upload",
            filename=name,
            text=wikitext,
            comment="test",
            ignorewarnings=1,
            files={"file": (name, data or picture())},
        )["upload"]
        if told["result"] != "Success":
            raise ApiError("upload", told)
        found: int = self.query(titles=f"File:{name}")["pages"][0]["pageid"]
        return found

    def protect(self, title: str, level: str = "sysop") -> None:
        """Only this group may edit the page; ``all``: everybody again."""
        self.post(action="protect", title=title, protections=f"edit={level}")

    def block(self, name: str, expiry: str = "infinite") -> None:
        """Not the address: everybody here has the same."""
        self.post(action="block", user=name, expiry=expiry, reason="test", reblock=1)

    def unblock(self, name: str) -> None:
        """Let them edit again."""
        self.post(action="unblock", user=name, reason="test")

    def tag(self, name: str) -> None:
        """Make a change tag that edits may carry."""
        self.post(action="managetags", operation="create", tag=name, reason="test")

    def logout(self) -> None:
        """End the login, here and in every browser that shares its cookies."""
        self.post(action="logout")

    def cookies(self, url: str) -> list[dict[str, str]]:
        """The login as a browser at ``url`` keeps it: for playwright's ``add_cookies``."""
        return [
            {"name": one.name, "value": one.value or "", "url": url} for one in self.http.cookies
        ]

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _accepted(answer: requests.Response) -> Json:
    try:
        told: Json = answer.json()
    except requests.JSONDecodeError:
        raise ApiError(f"http-{answer.status_code}", {"text": answer.text[:2000]}) from None
    if "error" in told:
        raise ApiError(told["error"]["code"], told)
    return told
