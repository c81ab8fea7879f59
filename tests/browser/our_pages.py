"""Our pages on loopback, with enough to show, and a browser that opens them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Flask, Response
from PIL import Image
from werkzeug.serving import make_server

from depicts_model.statistics import together
from depicts_model.store import Store
from depicts_model.switch import NOTE as SWITCH
from depicts_model.switch import Switch
from depicts_model.types import (
    Claim,
    Decision,
    Failed,
    Latency,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Pause,
    Qid,
    RefusalState,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
    Verdict,
)
from depicts_toolforge.serving import QuietHandler
from depicts_toolforge.switches import WORKER
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, FELIDAE, MAMMAL, UNKNOWN
from tests.toolforge.telling import LASTING, SHA1, TALLY, count

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LONG = "A very long name of a picture, as people give them " * 3
NASTY = "<script>document.title = 'broken'</script>\u202e evil 🐈"
CLOTHING, VEHICLE = Qid("Q11460"), Qid("Q42889")
"""Classes to pause: no file here shows one."""
NOW = datetime.now(UTC)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an app on loopback, stopped at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pictures() -> Flask:
    """A wiki of which only the pictures are wanted."""
    data = BytesIO()
    Image.new("RGB", (120, 180), "teal").save(data, "PNG")
    app = Flask("pictures")
    app.add_url_rule("/t.png", "t", lambda: Response(data.getvalue(), mimetype="image/png"))
    return app


def outcome(number: int) -> Outcome:
    """An outcome of each kind in turn."""
    made = tuple(
        Suggestion(Mid(f"M{number}"), q, 0.92 - 0.2 * n, ("looks like it",), (), (), V)
        for n, q in enumerate((CAT, DOG, MAMMAL)[: 1 + number % 3])
    )
    return (
        Suggested(made),
        NothingToSuggest(NothingReason.NOT_SURE),
        Suggested(made),
        Skipped(SkipReason.ARTWORK),
        Failed("http-429: slow down", 60.0),
    )[number % 5]


def fill(store: Store, wiki: str) -> None:
    """Thirty files, two of them with troublesome names."""
    titles = {30: LONG, 29: NASTY}
    run = store.start_run("bot", V, {})
    for number in range(1, 31):
        title = f"File:{titles.get(number, f'Cat {number}')}.jpg"
        file = replace(file_ref(number), title=title, thumb_url=f"{wiki}/t.png")
        store.save_batch(run, V, [(file, outcome(number))])


def tell(store: Store, wiki: str) -> None:
    """A file with verdicts, and everything that the other pages tell of."""
    reasons = ("looks like cat (92%)", NASTY)
    cat = Suggestion(Mid("M40"), CAT, 0.92, reasons, (MAMMAL,), (FELIDAE,), V)
    file = replace(file_ref(40), title=f"File:{NASTY}.jpg", thumb_url=f"{wiki}/t.png")
    run = store.start_run("bot", V, {})
    dog = replace(cat, qid=DOG, confidence=0.6)
    store.save_batch(run, V, [(file, Suggested((cat, dog)))])
    store.finish_run(run, {"listed": 31, "suggested": 13, "nothing:not-sure": 6})
    made = Decision(Mid("M40"), SHA1, CAT, Verdict.ACCEPTED, NOW)
    no = replace(made, qid=UNKNOWN, verdict=Verdict.REJECTED)
    store.add_decisions("one", [made, no], V)
    store.add_claims([Claim(Mid("M40"), CAT, "M40$x", 1234, NOW, V)])
    lasting = replace(TALLY, saved=30, **LASTING)
    classes = ((MAMMAL, together([lasting, lasting])), (CLOTHING, lasting))
    count(store, lasting, CAT, DOG, filled=4, classes=classes)
    store.count_latencies([Latency(NOW, "/api/v1/files/<mid>/suggestions", 3, 1234)])
    pause(store)


def pause(store: Store) -> None:
    """What the operator is to know."""
    store.note(SWITCH, Switch(True, NASTY, {CLOTHING: NASTY}).note(), NOW - timedelta(hours=1))
    store.note(WORKER, {}, NOW - timedelta(hours=1))
    store.set_pause(Pause(VEHICLE, "reverted too often", 24, 5, NOW))
    for qid in (CAT, UNKNOWN):
        store.settle(SHA1, qid, RefusalState.WAITING, NOW)


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1280, scheme: str = "light"
) -> Iterator[Page]:
    """The page, in a context of its own; what the browser complains of fails the test."""
    size = {"width": width, "height": 900}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        yield page
        assert said == []
