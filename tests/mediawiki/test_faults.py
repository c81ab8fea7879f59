"""What `tests/bot/test_faults_run.py` shows on the embedded wiki, once more on the real one.

There are fewer faults here, each at all places; the login, the log, the pages and the thumbnails
are MediaWiki's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from depicts_model.types import Failed
from tests.bot import faults as f
from tests.bot import warm, worlds
from tests.bot.command import Bot
from tests.bot.faults import Fault
from tests.bot.faulty import AT_WORK, Elsewhere, Faulty, Kind, Rule, once
from tests.bot.warm import Ended, Job
from tests.model.store.looking import all_outcomes

from .installed import ADMIN, DEPLOYER, PASSWORDS
from .scene import Wiki

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

FILES = 5
BEFORE = (Kind.START, Kind.LOGIN)
ALL = (*BEFORE, *AT_WORK)
LIMIT = 100.0
PASSING = (f.RESET, f.CUT, f.HTML, f.BUSY_3, f.BROKEN)
PICTURES = {f.CUT: "network", f.CUT_UNTOLD: "image is damaged"}
LED = {302: (Kind.START, Kind.LOGIN, Kind.LIST), 307: (Kind.START, Kind.LOGIN, Kind.PAGES)}
LATER = {"BOT_DAYS_LATER": "31"}


@pytest.fixture(scope="module")
def uploaded(commons: Wiki) -> Iterator[Wiki]:
    """Five photographs, wider than a thumbnail."""
    admin = commons.session(ADMIN)
    for number in range(1, FILES + 1):
        admin.upload(f"Noise {number}.png", "A picture.", worlds.picture(number, (640, 480)))
    yield commons
    commons.mediawiki.settings(wgServer=commons.url)


def bot(folder: Path, wiki: Wiki, way: Faulty) -> Bot:
    """Logged in with a bot password; all is old enough."""
    return Bot(
        folder,
        wiki.proxy,
        wiki_api=way.api,
        wiki_username=DEPLOYER,
        wiki_password=PASSWORDS[DEPLOYER],
        upload_delay_hours="0",
    )


def tried(bots: list[Bot], **environment: str) -> list[Ended]:
    """Run them beside each other; the wiki has two cores for all."""
    hurried = {"BOT_RETRY_WAIT": "0.5", **environment}
    return warm.run_all([Job(one, LIMIT, environment=hurried) for one in bots])


def test_what_passes_is_waited_out(uploaded: Wiki, tmp_path: Path) -> None:
    with ExitStack() as stack:
        port = uploaded.proxy.port
        calm = stack.enter_context(Faulty(port))
        ways = [stack.enter_context(Faulty(port, [Rule(one, ALL, once)])) for one in PASSING]
        bots = [bot(tmp_path / str(n), uploaded, way) for n, way in enumerate((calm, *ways))]
        ended = tried(bots)
        assert [one.code for one in ended] == [0] * len(bots), [one.err for one in ended]
        undisturbed = bots[0].outcomes()
        assert len(undisturbed) == FILES
        for one, way, fault in zip(bots[1:], ways, PASSING, strict=True):
            assert one.outcomes() == undisturbed, fault
            assert {seen.kind for seen in way.seen if seen.fault} == set(ALL)


@pytest.mark.parametrize("code", LED)
def test_no_password_and_no_cookie_goes_elsewhere(
    uploaded: Wiki, tmp_path: Path, code: int
) -> None:
    with ExitStack() as stack:
        elsewhere = stack.enter_context(Elsewhere())
        fault = f.redirect(code, elsewhere.url)
        rules = [Rule(fault, (kind,), once) for kind in LED[code]]
        ways = [stack.enter_context(Faulty(uploaded.proxy.port, [rule])) for rule in rules]
        bots = [bot(tmp_path / str(n), uploaded, way) for n, way in enumerate(ways)]
        for one in tried(bots):
            assert one.code == 2
            assert one.err.splitlines()[-1].startswith("error: network: http://127.0.0.1:")
            assert "Traceback" not in one.err
        assert elsewhere.met == []


@pytest.mark.parametrize("fault", PICTURES, ids=str)
def test_a_spoilt_thumbnail_fails_and_comes_right(
    uploaded: Wiki, tmp_path: Path, fault: Fault
) -> None:
    with Faulty(uploaded.proxy.port) as way:
        # so that addresses of thumbnails lead by here
        uploaded.mediawiki.settings(wgServer=way.url)
        calm, spoilt = (bot(tmp_path / name, uploaded, way) for name in ("calm", "spoilt"))
        assert [one.code for one in tried([calm])] == [0]
        way.rules = [Rule(fault, (Kind.THUMBNAIL,), once)]
        way.forget()
        assert [one.code for one in tried([spoilt])] == [0]
        with spoilt.store() as store:
            outcomes = [one.outcome for one in all_outcomes(store)]
        failed = [one for one in outcomes if isinstance(one, Failed)]
        assert (len(outcomes), len(failed)) == (FILES, 1)
        assert failed[0].error.startswith(PICTURES[fault])
        assert failed[0].retry_after
        way.well()
        assert [one.code for one in tried([spoilt], **LATER)] == [0]
        assert spoilt.outcomes() == calm.outcomes()
