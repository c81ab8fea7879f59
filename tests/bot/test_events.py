"""The live stream over a real connection: read late, taken up by event id, ended by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from depicts_bot import events
from depicts_bot.events import NewPages
from depicts_bot.sources import Step
from depicts_bot.uploads import timestamp
from depicts_bot.wiki import Json
from depicts_model.errors import ConfigurationError, WikiError
from depicts_model.types import Mid, Skipped, SkipReason
from tests.bot import worlds
from tests.bot.asked import opened, run_over
from tests.bot.conftest import ScriptedWiki
from tests.sandbox.server import EmbeddedWiki

UNTIL = datetime(2026, 11, 10, tzinfo=UTC)
HOST = "commons.test"


def event(pageid: int, hours: float, domain: str = HOST, space: int = 6) -> Json:
    at = UNTIL + timedelta(hours=hours)
    return {
        "meta": {"domain": domain, "dt": timestamp(at).replace("Z", ".123Z")},
        "page_id": pageid,
        "page_title": f"File:Picture_{pageid}.jpg",
        "page_namespace": space,
    }


EVENTS = [
    event(1, -3),
    event(2, -2, domain="en.wiki.test"),
    event(3, -2, space=0),
    event(4, -2),
    event(5, -1),
    event(6, -0.5, domain="en.wiki.test"),
    event(7, 0.5),
    event(8, 1),
]


@dataclass
class Service:
    """Sends ``events`` with their numbers as ids; ``cut``: closes after so many."""

    events: list[Json]
    cut: int | None = None
    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def begin(self, since: str, last: str) -> int:
        self.asked.append((since, last))
        return int(last.partition("n")[2]) + 1 if last else 0


@pytest.fixture
def service() -> Iterator[Service]:
    pytest.importorskip("requests_sse", reason="the extra 'stream' is not installed")
    told = Service(EVENTS)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            since = parse_qs(urlsplit(self.path).query).get("since", [""])[0]
            start = told.begin(since, self.headers.get("Last-Event-Id") or "")
            self.send_response(told.status)
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
            self.end_headers()
            end = len(told.events) if told.cut is None else start + told.cut
            for number, one in list(enumerate(told.events))[start:end]:
                data = f"event: message\nid: n{number}\ndata: {json.dumps(one)}\n\n"
                # who has read enough goes
                with suppress(ConnectionError):
                    self.wfile.write(data.encode())

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}/v2/stream/x"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield told
        server.shutdown()
        thread.join()


def steps(service: Service, after: str | None = None) -> list[Step]:
    wiki = ScriptedWiki([], api=f"https://{HOST}/w/api.php")
    return list(NewPages(service.url).steps(wiki, after, UNTIL, 50))


def pages(found: list[Step]) -> list[int]:
    return [step.upload.pageid for step in found if step.upload]


def test_files_of_our_wiki_whose_time_has_come(service: Service) -> None:
    found = steps(service)
    assert pages(found) == [1, 4, 5]
    assert found[0].upload and found[0].upload.title == "File:Picture 1.jpg"
    assert found[0].upload.at == UNTIL - timedelta(hours=3)
    # what other wikis did meanwhile is not read again
    assert found[-1] == Step(None, "n5")
    assert service.asked == [(timestamp(UNTIL), "")]


@pytest.mark.parametrize(("done", "left"), [(0, [4, 5]), (1, [5]), (2, []), (3, [])])
def test_it_goes_on_after_the_last_event(service: Service, done: int, left: list[int]) -> None:
    mark = steps(service)[done].mark
    service.asked.clear()
    assert pages(steps(service, mark)) == left
    assert service.asked == [("", mark)]


def test_nothing_new_keeps_the_place(service: Service) -> None:
    assert steps(service, "n5") == [Step(None, "n5")]


def test_a_connection_that_is_cut_is_taken_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    service.cut = 2
    assert pages(steps(service)) == [1, 4, 5]
    assert [last for _, last in service.asked] == ["", "n1", "n3", "n5"]


def test_a_stream_that_only_opens_is_out_of_order(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    service.cut = 0
    with pytest.raises(WikiError, match=r"^stream: .*closed again and again"):
        steps(service)
    assert len(service.asked) == events.OPENED + 1


@pytest.mark.parametrize("told", [{}, {"meta": {"dt": "yesterday"}}, [], {"meta": {"dt": 5}}])
def test_nonsense_is_one_line(service: Service, told: Json) -> None:
    service.events = [event(1, -3), told]
    with pytest.raises(WikiError, match=r"^stream: .*: (an event that tells of no page|.*get.*)"):
        steps(service)


def test_an_error_of_the_service_is_one_line(service: Service) -> None:
    service.status = 503
    with pytest.raises(WikiError, match=r"^stream: .*503"):
        steps(service)


def test_a_run_goes_along_it_and_is_taken_up(service: Service, tmp_path: Path) -> None:
    old = [event(n, -1, domain="127.0.0.1") for n in (1, 2, 99, 3)]
    for one in old:
        one["meta"]["dt"] = timestamp(datetime.now(UTC) - timedelta(hours=49))
    late = event(4, 0, domain="127.0.0.1")
    late["meta"]["dt"] = timestamp(datetime.now(UTC) - timedelta(hours=47))
    service.events = [*old, late]
    with EmbeddedWiki(worlds.world(worlds.pictures(4))) as wiki, opened(tmp_path) as store:
        run, source = run_over(wiki, store, batch=2), NewPages(service.url)
        run.killed(source, 1)
        assert run.pages() == [1, 2]
        assert run.all(source).listed == 2
        assert run.pages() == [1, 2, 3, 99]
        assert run.outcomes()[Mid("M99")] == Skipped(SkipReason.DELETED)
        assert run.all(source).listed == 0
    assert [last for _, last in service.asked] == ["", "n1", "n3"]


def test_without_its_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from depicts_bot.site import home

    home()
    from pywikibot.comms import eventstreams

    monkeypatch.setattr(eventstreams, "EventSource", ModuleNotFoundError("requests_sse"))
    with pytest.raises(ConfigurationError, match="install the extra 'stream'"):
        steps(Service([], url="http://127.0.0.1:1/"))
