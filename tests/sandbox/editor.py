"""A person at the file page, as the gadget will act for them: read again, one edit, verify.

The gadget itself is JavaScript and runs in a browser; this is the same order of requests over
HTTP, so that the whole chain can be checked without a screen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self

import requests

from depicts_model.claims import value_qids
from depicts_model.types import Mid, Qid
from tests.claims import depicts_claim

TAG = "suggest-depicts"


@dataclass(frozen=True, slots=True)
class Saved:
    """What one save did: the new revision, what was written, what had become redundant."""

    revision: int | None
    written: tuple[Qid, ...]
    dropped: tuple[Qid, ...]
    verified: bool = True
    """False: the edit exists, but reading it back failed."""


class SaveError(Exception):
    """The wiki refused the edit, or the claims are not there afterwards."""


class Editor:
    """A logged-in session on the wiki's Action API."""

    def __init__(self, api: str, username: str, password: str) -> None:
        self._api = api
        self._name = username.partition("@")[0]
        self._session = requests.Session()
        token = self._get(action="query", meta="tokens", type="login")
        login = self._post(
            action="login",
            lgname=username,
            lgpassword=password,
            lgtoken=token["query"]["tokens"]["logintoken"],
        )
        if login["login"]["result"] != "Success":
            raise SaveError(f"login as {username}: {login['login']['result']}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._session.close()

    def save(self, mid: Mid, qids: tuple[Qid, ...], model_version: str) -> Saved:
        """Write what is still missing as one edit, and read back that it is there."""
        entity, revision = self._read(mid)
        present = value_qids(entity)
        wanted = tuple(qid for qid in qids if qid not in present)
        dropped = tuple(qid for qid in qids if qid in present)
        if not wanted:
            return Saved(None, (), dropped)
        answer = self._post(
            action="wbeditentity",
            id=mid,
            data=json.dumps({"claims": [depicts_claim(qid) for qid in wanted]}),
            baserevid=str(revision),
            assertuser=self._name,
            maxlag="5",
            tags=TAG,
            summary=f"Suggest depicts, model {model_version}",
            token=self._get(action="query", meta="tokens")["query"]["tokens"]["csrftoken"],
        )
        verified = self._verify(mid, wanted)
        return Saved(int(answer["entity"]["lastrevid"]), wanted, dropped, verified)

    def depicted(self, mid: Mid) -> tuple[Qid, ...]:
        """What the file's depicts statements say now."""
        return value_qids(self._read(mid)[0])

    def _verify(self, mid: Mid, wanted: tuple[Qid, ...]) -> bool:
        """Whether the claims could be read back; the edit exists either way."""
        try:
            depicted = value_qids(self._get(action="wbgetentities", ids=mid)["entities"][mid])
        except (SaveError, requests.RequestException):
            return False
        for qid in wanted:
            if depicted.count(qid) != 1:
                raise SaveError(f"{mid}: {depicted.count(qid)} statements of {qid} after saving")
        return True

    def _read(self, mid: Mid) -> tuple[dict[str, Any], int]:
        """The entity as it is now, and the page's latest revision (a valid base for a new one)."""
        # the revision first: the base of the edit is then never newer than what was looked at
        pages = self._get(action="query", prop="info", pageids=mid[1:], formatversion="2")
        entity = self._get(action="wbgetentities", ids=mid)["entities"][mid]
        return entity, int(pages["query"]["pages"][0]["lastrevid"])

    def _get(self, **parameters: str) -> dict[str, Any]:
        return self._checked(self._session.get(self._api, params=_json(parameters), timeout=30))

    def _post(self, **parameters: str) -> dict[str, Any]:
        return self._checked(self._session.post(self._api, data=_json(parameters), timeout=30))

    @staticmethod
    def _checked(answer: requests.Response) -> dict[str, Any]:
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        if "error" in found:
            raise SaveError(f"{found['error']['code']}: {found['error'].get('info', '')}")
        return found


def _json(parameters: dict[str, str]) -> dict[str, str]:
    return {"format": "json", **parameters}
