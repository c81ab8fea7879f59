"""Faults of what the worker depends on: the wiki, its photos, its switch, catalog and model."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from werkzeug.wrappers import Request, Response

from bench.faults_client import said
from bench.faults_kinds import Fault
from bench.faults_ledger import Seen
from bench.faults_stand import ASK_AGAIN, Scene, Stand, until
from bench.faults_worker import nobody_waits
from bench.faults_workshop import Workshop, opened, world
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import mid_of
from tests.bot import model, worlds
from tests.sandbox import control
from tests.sandbox.server import EmbeddedWiki

AWAY: Final = 2.0
"""Seconds that the wiki is away after somebody asked."""
MINUTE: Final = 60.0
LOOKS: Final = 6
HTML: Final = "<!DOCTYPE html><title>Error</title><p>Our servers are currently under maintenance."
GONE: Final = 13
"""The odd file that is deleted before anybody asks."""
SECOND: Final = "random-2"


def _again(shop: Workshop, scene: Scene, number: int) -> dict[str, bool]:
    """Wait for the outcome of what was asked meanwhile, and of one more."""
    shop.answered(scene, number)
    took = scene.recovered_s
    following = shop.file()
    shop.ask(scene, following)
    shop.answered(scene, following)
    scene.recovered_s = took
    return {**nobody_waits(shop), "the same worker": len(scene.logs) == 1}


def away(stand: Stand) -> Seen:
    """The wiki refuses connections, and comes back with all sessions lost."""
    shop = opened(stand)
    scene, number, worker = shop.scene(), shop.file(), shop.workers[-1]
    port = shop.wiki.port
    shop.wiki.close()
    shop.ask(scene, number)
    until(lambda: shop.taken(number) or _waits(shop), what="a worker that misses the wiki")
    time.sleep(AWAY)
    shop.wiki = EmbeddedWiki(world(), port)
    shop.wiki.__enter__()
    checks = _again(shop, scene, number)
    return scene.seen({**checks, "the same worker": worker.poll() is None})


def _waits(shop: Workshop) -> bool:
    """It said so."""
    return "Waiting" in shop.logs[-1].read_text(encoding="utf-8")


def refusing(stand: Stand, answer: Callable[[Workshop], Response]) -> Seen:
    """The wiki's API gives another answer than it should."""
    shop = opened(stand)
    scene, number, worker = shop.scene(), shop.file(), shop.workers[-1]
    times = 0

    def rule(request: Request, _params: dict[str, str]) -> Response | None:
        nonlocal times
        if not request.path.endswith("/api.php"):
            return None
        times += 1
        return answer(shop)

    with shop.before(rule):
        shop.ask(scene, number)
        until(lambda: times, what="a question")
    checks = _again(shop, scene, number)
    said_so = {"the wiki refused": times >= 1, "the same worker": worker.poll() is None}
    return scene.seen({**checks, **said_so}, refused=times)


def _too_many(_shop: Workshop) -> Response:
    return Response("Too many requests", 429, {"Retry-After": "1"}, content_type="text/plain")


def _html(_shop: Workshop) -> Response:
    return Response(HTML, 503, content_type="text/html")


def _html_as_if_right(_shop: Workshop) -> Response:
    return Response(HTML, 200, content_type="text/html")


def _cut_json(_shop: Workshop) -> Response:
    return Response('{"query": {"pages": [', 200, content_type="application/json")


def lagging(stand: Stand) -> Seen:
    """The wiki's databases lag, and it says so (maxlag)."""
    shop = opened(stand)
    scene, number, worker = shop.scene(), shop.file(), shop.workers[-1]
    control.apply(shop.wiki.state, {"do": "lag", "seconds": 9})
    before = len(shop.wiki.requests)
    shop.ask(scene, number)
    until(lambda: len(shop.wiki.requests) > before, what="a question")
    time.sleep(AWAY)
    stored = shop.stored(number)
    control.apply(shop.wiki.state, {"do": "lag", "seconds": -1})
    checks = _again(shop, scene, number)
    waited = {"it stepped back": stored is None, "the same worker": worker.poll() is None}
    return scene.seen({**checks, **waited})


def odd_photos(stand: Stand) -> Seen:
    """Files of every odd kind: cut short, no image at all, a bomb of fifty megapixels, deleted."""
    shop = opened(stand)
    scene, worker = shop.scene(), shop.workers[-1]
    titles = {row["pageid"]: row["title"] for _, (row, _) in worlds.odd_files().values()}
    control.apply(shop.wiki.state, {"do": "delete", "title": titles[GONE]})
    for number in titles:
        shop.ask(scene, number)
    until(lambda: all(shop.stored(number) for number in titles), what="all outcomes")
    right = {}
    for number, (begins, _) in worlds.odd_files().items():
        answer = scene.client.read(number)
        kind = begins.partition("\t")[0]
        told = answer.told if answer else {}
        gone = number == GONE and answer is not None and answer.status == 404
        right[number] = gone or not kind or told.get("outcome") == kind
    following = shop.file()
    shop.ask(scene, following)
    shop.answered(scene, following)
    wrong = {"each is told as what it is": all(right.values())}
    return scene.seen({**wrong, **nobody_waits(shop), "the same worker": worker.poll() is None})


def switch_garbage(stand: Stand) -> Seen:
    """The page of the switch becomes nonsense; then it is mended."""
    shop = opened(stand)
    scene, number, page = shop.scene(), shop.file(), Settings().switch_page
    worker = shop.workers[-1]
    known = shop.file()
    shop.ask(scene, known)
    shop.answered(scene, known)
    control.apply(shop.wiki.state, {"do": "edit", "title": page, "text": "what?", "user": "Admin"})
    begun = time.monotonic()
    until(lambda: _outcome(scene, known) == "paused", MINUTE, "a pause", ASK_AGAIN)
    stopped = time.monotonic() - begun
    shop.ask(scene, number)
    time.sleep(AWAY)
    kept = not shop.stored(number)
    control.apply(shop.wiki.state, {"do": "edit", "title": page, "text": "{}", "user": "Admin"})
    begun = time.monotonic()
    until(lambda: shop.stored(number), MINUTE, "work after the pause")
    until(lambda: _on(scene, known), MINUTE, "its end", ASK_AGAIN)
    scene.recovered_s = time.monotonic() - begun
    checks = {"nothing was looked at meanwhile": kept, "the same worker": worker.poll() is None}
    return scene.seen({**checks, **nobody_waits(shop)}, paused_after_s=round(stopped, 1))


def _on(scene: Scene, number: int) -> bool:
    """Whether every worker of the service knows: each looks for itself."""
    return all(_outcome(scene, number) != "paused" for _ in range(LOOKS))


def _outcome(scene: Scene, number: int) -> object:
    answer = scene.client.read(number)
    return answer.told.get("outcome") if answer else None


def promoted(stand: Stand) -> Seen:
    """Another model in the folder's place; decisions on what the old one offered are taken."""
    shop = opened(stand)
    scene = shop.scene()
    early = shop.file()
    shop.ask(scene, early)
    shop.answered(scene, early)
    old = scene.client.read(early)
    folder, aside = shop.folder / "model", shop.folder / "old"
    model.save(shop.folder / "new", version=SECOND)
    folder.rename(aside)
    (shop.folder / "new").rename(folder)
    runs = _runs(shop)
    until(lambda: _runs(shop) > runs, what="a run with the new model")
    late = shop.file()
    shop.ask(scene, late)
    shop.answered(scene, late)
    new = scene.client.read(late)
    offered = old is not None and "decision-token" in old.headers
    taken = offered and scene.client.decide(said(mid_of(early), old, "accepted"))  # type: ignore[arg-type]
    checks = {
        "the new one is told of": bool(new and new.told["model_version"] == SECOND),
        "the old offer was taken": bool(taken),
        **nobody_waits(shop),
    }
    folder.rename(shop.folder / "new")
    aside.rename(folder)
    shutil.rmtree(shop.folder / "new")
    return scene.seen(checks)


def _runs(shop: Workshop) -> int:
    with Store.open(shop.url) as store:
        return store.counts()["runs"]


def catalog_at_work(stand: Stand) -> Seen:
    """The worker's catalog: a new one by rename, then a broken one, then a whole one again."""
    shop = opened(stand)
    scene, catalog = shop.scene(), shop.folder / "catalog.sqlite"
    worker = shop.workers[-1]
    draft = shop.folder / "draft.sqlite"
    runs = _runs(shop)
    shutil.copyfile(stand.catalog, draft)
    draft.replace(catalog)
    until(lambda: _runs(shop) > runs, what="a run with the new catalog")
    number = shop.file()
    shop.ask(scene, number)
    shop.answered(scene, number)
    draft.write_bytes(stand.catalog.read_bytes()[:100_000])
    draft.replace(catalog)
    until(lambda: f"{catalog}: " in shop.logs[-1].read_text("utf-8"), what="a complaint")
    meanwhile = shop.file()
    shop.ask(scene, meanwhile)
    time.sleep(AWAY)
    shutil.copyfile(stand.catalog, draft)
    draft.replace(catalog)
    shop.answered(scene, meanwhile)
    return scene.seen({**nobody_waits(shop), "the same worker": worker.poll() is None})


BACK: Final = "what was asked meanwhile is looked at when it is back"
FAULTS: Final = (
    Fault("wiki away", BACK, away, MINUTE),
    Fault("wiki answers maxlag", BACK, lagging, MINUTE),
    Fault("wiki answers 429", BACK, partial(refusing, answer=_too_many), MINUTE),
    Fault("wiki answers 503 in HTML", BACK, partial(refusing, answer=_html), MINUTE),
    Fault("wiki answers HTML for JSON", BACK, partial(refusing, answer=_html_as_if_right), MINUTE),
    Fault("wiki answers half of a JSON", BACK, partial(refusing, answer=_cut_json), MINUTE),
    Fault("photos that are none", "each has its outcome; the worker goes on", odd_photos),
    Fault("switch unreadable", "counts as stopped; nothing is lost", switch_garbage, MINUTE),
    Fault("model promoted", "new outcomes by it; offers of the old one hold", promoted),
    Fault("catalog replaced at work", "taken up; a broken one is waited out", catalog_at_work),
)
