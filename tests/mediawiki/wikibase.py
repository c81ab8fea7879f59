"""Wikibase for a MediaWiki that has none: ``wb…`` modules of the embedded wiki, real revisions.

The embedded wiki (``tests/sandbox``) answers, as a recorded Commons did. It keeps the statements,
and nothing else: before each answer the real MediaWiki is asked who is asking and what it knows of
the pages (`mirror`), and a change of statements is an edit there, made with the person's own
cookies and token: a line, hidden in a comment, at the end of the file's page. So the numbers of
revisions, histories, tags, limits and read-only times are real. What MediaWiki says where it
refuses that edit becomes what Wikibase says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.sandbox import entity as entities
from tests.sandbox import errors
from tests.sandbox.api.call import Call
from tests.sandbox.api.main import answer
from tests.sandbox.api.modules import MODULES
from tests.sandbox.app import JSON_TYPE
from tests.sandbox.errors import Message
from tests.sandbox.records import Page
from tests.sandbox.state import Session, State
from tests.sandbox.world import World

from . import mirror
from .upstream import Upstream

Json = dict[str, Any]

TOLD = 20
"""So many values are named in the hidden line; of more only their number."""


class ChangedError(Exception):
    """MediaWiki refuses what the mirror allowed: something changed in between."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request for the stand-in."""

    cookie: str
    params: dict[str, str]
    in_address: frozenset[str]
    posted: bool
    base: str

    @classmethod
    def of(cls, request: Request) -> Asking:
        params = {**request.args.to_dict(), **request.form.to_dict()}
        return cls(
            request.headers.get("Cookie", ""),
            params,
            frozenset(request.args),
            request.method == "POST",
            request.host_url.rstrip("/"),
        )

    @property
    def action(self) -> str:
        return self.params.get("action", "")

    @property
    def modules(self) -> list[str]:
        """Those of Wikibase that ``paraminfo`` is asked about."""
        found = self.params.get("modules", "") if self.action == "paraminfo" else ""
        return [one for one in found.split("|") if one in MODULES and one.startswith("wb")]


class Wikibase:
    """The stand-in; ``state`` holds items and statements, and is the tests' to change.

    Change statements of files by the API: what is changed in the state alone has no revision.
    """

    def __init__(self, world: World, wiki: Upstream) -> None:
        self.state = State(world)
        self._wiki = wiki

    def respond(self, request: Request) -> Response | None:
        """The answer to a request to the API; None where it is MediaWiki's own."""
        asking = Asking.of(request)
        if asking.modules:
            return _response(self._described(asking), {})
        if asking.action not in MODULES or not asking.action.startswith("wb"):
            return None
        return _response(*self._answered(asking))

    def _answered(self, asking: Asking) -> tuple[Json, dict[str, str]]:
        try:
            return self._once(asking, last=False)
        except ChangedError:
            return self._once(asking, last=True)

    def _once(self, asking: Asking, last: bool) -> tuple[Json, dict[str, str]]:
        writes = MODULES[asking.action].writes
        told = mirror.told(self._wiki, asking.cookie, mirror.named(asking.params), writes)
        token = asking.params.get("token", "") if writes else ""
        session = mirror.session(self._wiki, asking.cookie, told, token)
        with self.state.lock:
            mirror.take_over(self.state, told)
            return answer(self._call(asking, session, asking.params, last))

    def _call(self, asking: Asking, session: Session, params: Json, last: bool = True) -> Call:
        return Call(
            self.state,
            self.state.commons,
            session,
            asking.base,
            params,
            asking.posted,
            asking.in_address,
            publish=partial(self._publish, asking, last),
        )

    def _described(self, asking: Asking) -> Json:
        """``paraminfo``: ours of Wikibase's modules, MediaWiki's of all others."""
        wanted = asking.params["modules"].split("|")
        others = [one for one in wanted if one not in asking.modules]
        told = mirror.told(self._wiki, asking.cookie, mirror.named(asking.params), writes=False)
        session = mirror.session(self._wiki, asking.cookie, told, "")
        with self.state.lock:
            mirror.take_over(self.state, told)
            ours = {**asking.params, "modules": "|".join(asking.modules)}
            body, _ = answer(self._call(asking, session, ours))
        if others and "paraminfo" in body:
            theirs = {**asking.params, "modules": "|".join(others)}
            more = self._wiki.ask(asking.cookie, **{"formatversion": 1, **theirs})
            more["paraminfo"]["modules"] += body["paraminfo"]["modules"]
            return more
        return body

    # --- writing ---

    def _publish(self, asking: Asking, last: bool, page: Page, entity: Json, comment: str) -> int:
        """The number of the revision that MediaWiki makes of a change.

        Raises:
            ApiError: MediaWiki refuses.
            ChangedError: it does so for a reason that the mirror did not show.
        """
        given = {name: asking.params[name] for name in ("tags", "bot") if name in asking.params}
        told = self._wiki.ask(
            asking.cookie,
            action="edit",
            pageid=page.id,
            appendtext=_line(page, entity),
            summary=comment,
            token=asking.params["token"],
            nocreate=1,
            watchlist="nochange",
            **given,
        )
        if "error" in told:
            raise _refusal(told["error"], asking.params, last)
        return int(told["edit"]["newrevid"])


def _line(page: Page, entity: Json) -> str:
    """``<!-- Statements of M2: P180 Q146 -->``; always a change, for it is added."""
    snaks = [one["mainsnak"] for one in entities.statements(entity)]
    shown = ", ".join(map(_shown, snaks)) if len(snaks) <= TOLD else str(len(snaks))
    return f"\n<!-- Statements of M{page.id}: {shown or 'none'} -->"


def _shown(snak: Json) -> str:
    value = snak.get("datavalue", {}).get("value")
    item = value.get("id") if isinstance(value, dict) else None
    return f"{snak['property']} {item or snak['snaktype']}"


def _refusal(error: Json, params: Mapping[str, str], last: bool) -> Exception:
    """What Wikibase says where MediaWiki refuses the edit with ``error``."""
    code: str = error["code"]
    if code == "ratelimited":
        return errors.failed_save("ratelimited", errors.THROTTLED)
    if code == "readonly":
        return errors.read_only(error.get("readonlyreason", ""))
    if code == "maxlag":
        return errors.max_lag(error["lag"])
    if code == "badtags":
        return errors.bad_tags(params.get("tags", "").split("|"))
    if not last:
        return ChangedError(code)
    return errors.failed_save(code, Message(code, error["info"]))


def _response(body: Json, headers: dict[str, str]) -> Response:
    told = json.dumps(body, ensure_ascii=False)
    return Response(told, content_type=JSON_TYPE, headers=headers)
