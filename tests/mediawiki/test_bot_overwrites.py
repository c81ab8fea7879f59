"""What the real MediaWiki tells of a file that is overwritten and put back."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from depicts_bot.context import read_pages
from depicts_bot.overwrites import overwritten
from depicts_bot.uploads import Checkpoint
from depicts_bot.work import Work
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import FileRef, NothingReason, NothingToSuggest, mid_of
from tests.bot.fakes import FakeLinker

from .installed import ADMIN
from .served import MediaWiki
from .session import Session, picture
from .test_bot_sources import Asked

pytestmark = pytest.mark.slow
NAME = "Overwritten.png"
BEFORE = datetime.now(UTC) - timedelta(hours=1)
LATER = datetime.now(UTC) + timedelta(hours=1)
V = "fake-1"


@pytest.fixture
def admin(wiki: MediaWiki) -> Session:
    return wiki.session(ADMIN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


def now_at(asked: Asked, pageid: int) -> tuple[str, int]:
    """The content of the file, and the latest revision of its page."""
    page = read_pages(asked, [pageid], 120)[pageid]
    return page["imageinfo"][0]["sha1"], page["lastrevid"]


def another_second() -> None:
    """Versions of a file are told apart by the second."""
    time.sleep(1.1)


def revert(admin: Session) -> None:
    """As people do, by the form of the file's page: the API's module logs one more overwrite."""
    query = {"titles": f"File:{NAME}", "prop": "imageinfo", "iiprop": "archivename", "iilimit": "9"}
    (page,) = admin.query(**query)["pages"]
    oldest = page["imageinfo"][-1]["archivename"]
    where = admin.api.replace("api.php", "index.php")
    asked = {"title": f"File:{NAME}", "action": "revert", "oldimage": oldest}
    form = admin.http.get(where, params=asked, timeout=60).text
    hidden = re.search(
        r'name="wpEditToken"[^>]*value="([^"]*)"|value="([^"]*)" name="wpEditToken"', form
    )
    assert hidden, form
    said = {"wpEditToken": html.unescape(hidden[1] or hidden[2]), "wpcomment": "back"}
    admin.http.post(where, params=asked, data=said, timeout=60).raise_for_status()


def test_both_actions_are_in_the_log_and_each_makes_a_revision(
    admin: Session, store: Store
) -> None:
    asked = Asked(admin)
    pageid = admin.upload(NAME, "A square", picture("red"))
    first, revision = now_at(asked, pageid)
    file = FileRef(mid_of(pageid), f"File:{NAME}", first, revision, BEFORE, "")
    unsure = NothingToSuggest(NothingReason.NOT_SURE)
    source = f"overwrites {asked.api}"
    mark = (source, str(Checkpoint(BEFORE)))
    store.save_again(store.start_run("bot", V, {}), V, [(file, unsure)], (), mark)
    work = Work(asked, FakeLinker(), store, lambda *_: b"", Settings(), LATER)
    assert overwritten(work, 9).files == ()

    another_second()
    admin.upload(NAME, data=picture("blue"))
    second, later = now_at(asked, pageid)
    assert second != first and later > revision
    found = overwritten(work, 9)
    assert found.files == (file,)

    assert found.mark
    store.save_again(store.start_run("bot", V, {}), V, [], (), found.mark)
    assert overwritten(work, 9).files == (), "the checkpoint is behind it"
    store.save_again(store.start_run("bot", V, {}), V, [], (), mark)
    another_second()
    revert(admin)
    third, latest = now_at(asked, pageid)
    assert third == first and latest > later
    rows = [
        asked.ask(action="query", list="logevents", leaction=f"upload/{name}", letitle=file.title)
        for name in ("overwrite", "revert")
    ]
    assert [len(answer["query"]["logevents"]) for answer in rows] == [1, 1]
    assert overwritten(work, 9).files == (file,)
