"""What happens around a dialog: logins come and go, tabs are opened, requests are held."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from depicts_model.types import Verdict
from tests.mediawiki.scene import TAG, Scene

from .gadget_page import watched

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

Json = dict[str, Any]

SECONDS = 30
NOBODY = ""
"""Somebody without an account."""
STATEMENTS = ".wbmi-entityview-statementsGroup-P180 .wbmi-item"


# --- people ---


def log_in(page: Page, scene: Scene, name: str) -> None:
    """In another tab, as it were: the page that is open hears nothing of it."""
    page.context.clear_cookies()
    page.context.add_cookies(scene.cookies(name))


def log_out(page: Page, scene: Scene) -> None:
    """By the wiki's API, with this browser's cookies: the login ends on the wiki, too."""
    api, ask = scene.wiki.proxy.api, page.context.request
    tokens = ask.get(api, params={"action": "query", "meta": "tokens", "format": "json"}).json()
    token = tokens["query"]["tokens"]["csrftoken"]
    done = ask.post(api, form={"action": "logout", "token": token, "format": "json"})
    assert "error" not in done.json()


def tab(page: Page, said: list[str]) -> Page:
    """Another tab of the same browser and login."""
    return watched(page.context.new_page(), said)


# --- what there is ---


def verdicts(scene: Scene, title: str) -> dict[str, Verdict]:
    """What the service was told of a file, by item."""
    return {one.qid: one.verdict for one in scene.store.decisions(scene.mid(title))}


def ours(scene: Scene) -> list[dict[str, str]]:
    """The parameters of every edit that the gadget ever asked for."""
    return [one for one in scene.edits() if "Suggest depicts" in one.get("summary", "")]


def tags(scene: Scene, title: str) -> list[str]:
    """Those of the file's last edit."""
    asked = {"titles": title, "prop": "revisions", "rvprop": "tags", "rvlimit": 1}
    found: list[str] = scene.wiki.session().query(**asked)["pages"][0]["revisions"][0]["tags"]
    return [one for one in found if one == TAG]


def shown(page: Page, scene: Scene, title: str) -> list[str]:
    """What the page's own panel says that the file depicts."""
    page.goto(scene.address(title))
    page.locator(".wbmi-tabs-container").wait_for()
    return [text.strip() for text in page.locator(STATEMENTS).all_text_contents()]


def kept(dialog: Locator) -> int:
    """How many picks there are."""
    return dialog.locator("[aria-pressed=true]").count()


# --- requests ---


class Held:
    """An edit on its way: ``came`` is set when it has reached the wiki, which goes on at `go`."""

    def __init__(self) -> None:
        self.came, self._on = threading.Event(), threading.Event()

    def wait(self) -> None:
        assert self.came.wait(SECONDS)

    def go(self) -> None:
        self._on.set()

    def stop(self) -> None:
        self.came.set()
        assert self._on.wait(SECONDS)


@contextmanager
def held_edit(scene: Scene) -> Iterator[Held]:
    """The next edit of statements is held before it is carried out; it goes on at the end."""
    held = Held()
    scene.before_save(held.stop)
    try:
        yield held
    finally:
        held.go()


def answer_edits(scene: Scene, told: Json) -> None:
    """Until the scene is calm again the wiki says this to whoever edits statements."""

    def hook(_: Request, params: dict[str, str]) -> Response | None:
        is_edit = params.get("action") == "wbeditentity"
        return Response(json.dumps(told), mimetype="application/json") if is_edit else None

    scene.wiki.proxy.before = hook


def without_parameter(scene: Scene, module: str, parameter: str) -> None:
    """Until the scene is calm again the wiki's module is described without it."""

    def hook(request: Request, params: dict[str, str]) -> Response | None:
        if params.get("action") != "paraminfo":
            return None
        made = scene.wiki.proxy.wikibase.respond(request)
        assert made, "of Wikibase's modules nothing was asked"
        told = json.loads(made.get_data())
        [one] = [one for one in told["paraminfo"]["modules"] if one["name"] == module]
        left = [row for row in one["parameters"] if row["name"] != parameter]
        assert len(left) == len(one["parameters"]) - 1
        one["parameters"] = left
        return Response(json.dumps(told), mimetype="application/json")

    scene.wiki.proxy.before = hook


def offering(route: Route, **change: Any) -> None:
    """Answer as the service does, with one suggestion; ``change``: what is different."""
    mid = route.request.url.partition("/files/")[2].partition("/")[0]
    one = suggestion()
    body = {"mid": mid, "outcome": "suggested", "suggestions": [one]}
    told = {"token": "t", **body, "model_version": "v", **change}
    headers = {
        "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Decision-Token",
        "Decision-Token": told.pop("token"),
    }  # fmt: skip
    route.fulfill(json=told, headers=headers)


def suggestion(**change: Any) -> Json:
    """A suggestion as the service words it."""
    url = "https://www.wikidata.org/wiki/Q1474329"
    one = {
        "item": "Q1474329", "label": "tabby", "description": "", "kind": None, "confidence": 0.8,
        "reasons": ["looks so"], "more_specific_than": [], "url": url,
    }  # fmt: skip
    return {**one, **change}
