"""Who goes away has no further picture fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event, Thread
from threading import enumerate as threads

from depicts_bot.context import describe
from depicts_bot.images import downloading
from depicts_bot.uploads import Upload
from tests.bot.fakes import FakeWiki

PATIENCE = 10


@dataclass
class SlowHost:
    """Holds every picture back until it is let go."""

    fetched: list[str] = field(default_factory=list)
    asked: Event = field(default_factory=Event)
    let_go: Event = field(default_factory=Event)

    def fetch(self, url: str, host: str) -> bytes:
        self.fetched.append(url)
        self.asked.set()
        assert self.let_go.wait(PATIENCE)
        return b"picture"


def ended(thread: Thread) -> bool:
    thread.join(PATIENCE)
    return not thread.is_alive()


def test_pictures_behind_the_one_that_comes_are_given_up() -> None:
    wiki, host = FakeWiki(), SlowHost()
    for pageid in (1, 2, 3):
        wiki.upload(pageid)
    files = describe(wiki, [Upload.of_page(n, f"File:{n}.jpg") for n in (1, 2, 3)], 330)
    others = set(threads())
    with downloading(host.fetch) as downloads:
        coming = downloads.begin(files)
        assert host.asked.wait(PATIENCE)
        (ours,) = set(threads()) - others
    host.let_go.set()
    assert ended(ours)
    assert host.fetched == [files[0].context.file.thumb_url]
    assert [one.done() for one in coming.values()] == [True, False, False]
