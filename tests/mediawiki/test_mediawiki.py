"""The real MediaWiki of the gadget's tests: it serves, it refuses as a wiki does, and it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from . import keeper
from .installed import ADMIN, BLOCKED, DEPLOYER, EDITOR, FRESH
from .served import WORKERS, MediaWiki, StartError
from .session import ApiError, Session

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SKINS = ("vector-2022", "vector", "minerva", "monobook")
DEFINITION = "* trial[ResourceLoader|package|hidden|dependencies=vue,@wikimedia/codex]"
SERVE = """
import time
from tests.mediawiki.served import MediaWiki
with MediaWiki.start() as wiki:
    print(wiki.port, wiki._keeper.pid, wiki.folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def admin(wiki: MediaWiki) -> Session:
    return wiki.session(ADMIN)


@pytest.fixture(scope="module")
def editor(wiki: MediaWiki) -> Session:
    return wiki.session(EDITOR)


@pytest.fixture(scope="module")
def cat(editor: Session) -> str:
    """The title of a file page."""
    assert editor.upload("Cat.png", "A cat. [[Category:Cats]]") > 0
    return "File:Cat.png"


def refused(session: Session, title: str, text: str = "more") -> str:
    """The code with which an edit is refused."""
    with pytest.raises(ApiError) as caught:
        session.edit(title, text)
    return caught.value.code


def test_accounts_log_in_and_a_wrong_password_does_not(wiki: MediaWiki, editor: Session) -> None:
    assert editor.user() == EDITOR
    with pytest.raises(ApiError, match="wrongpassword"):
        wiki.session(EDITOR, "guessed")


@pytest.mark.parametrize("skin", SKINS)
def test_every_skin_shows_a_file_page(wiki: MediaWiki, cat: str, skin: str) -> None:
    answer = requests.get(wiki.page(cat, useskin=skin), timeout=60)
    assert answer.status_code == 200
    assert f"skin-{skin}" in answer.text and "Cats" in answer.text


def test_an_upload_is_served_with_its_thumbnail(editor: Session, cat: str) -> None:
    found = editor.query(titles=cat, prop="imageinfo", iiprop="url", iiurlwidth=120)
    info = found["pages"][0]["imageinfo"][0]
    for address in (info["url"], info["thumburl"]):
        assert requests.get(address, timeout=60).headers["Content-Type"] == "image/png"


def test_pages_are_in_the_readers_language(wiki: MediaWiki, cat: str) -> None:
    assert 'dir="rtl"' in requests.get(wiki.page(cat, uselang="ar"), timeout=60).text


# --- gadgets ---


def loaded(wiki: MediaWiki, modules: str, **query: str) -> str:
    asked = {"modules": modules, "skin": "minerva", "lang": "en", **query}
    return requests.get(f"{wiki.url}/w/load.php", params=asked, timeout=60).text


def put(wiki: MediaWiki, script: str) -> None:
    """Deploy the gadget, as the bot of an administrator."""
    bot = wiki.session(DEPLOYER)
    bot.edit("MediaWiki:Gadget-trial.js", script)
    bot.edit("MediaWiki:Gadget-trial.json", json.dumps({"one": "töne"}))
    bot.edit("MediaWiki:Gadgets-definition", f"{DEFINITION}|trial.js|trial.json")


def test_a_package_gadget_is_loaded_as_soon_as_it_is_put_there(wiki: MediaWiki) -> None:
    put(wiki, "module.exports = { longName: require( './trial.json' ).one };  // a remark")
    startup = loaded(wiki, "startup", only="scripts", raw="1")
    assert re.search(r'"ext\.gadget\.trial","\w+",\[\d+\],2\]', startup)
    script = loaded(wiki, "ext.gadget.trial")
    assert re.match(r'mw\.loader\.impl\(function\(\)\{return\["ext\.gadget\.trial@', script)
    assert '"main":"trial.js"' in script and '"one":"töne"' in script
    # as on any wiki
    assert "remark" not in script and "mw.log.error" not in script


def test_a_gadget_of_a_later_ecmascript_is_refused_by_the_wiki_itself(wiki: MediaWiki) -> None:
    put(wiki, "module.exports = async () => 1;")
    assert "Parse error" in loaded(wiki, "ext.gadget.trial")


def test_an_unknown_gadget_is_missing(wiki: MediaWiki) -> None:
    assert '"ext.gadget.other":"missing"' in loaded(wiki, "ext.gadget.other").replace(" ", "")


# --- refusals ---


def test_who_may_not_edit_is_refused_and_may_again(
    wiki: MediaWiki, admin: Session, editor: Session
) -> None:
    fresh = wiki.session(FRESH)
    assert refused(wiki.session(BLOCKED), "Wall") == "blocked"
    editor.edit("Wall", "one")
    admin.protect("Wall")
    assert refused(editor, "Wall") == "protectedpage"
    admin.protect("Wall", "all")
    admin.block(FRESH)
    assert refused(fresh, "Wall") == "blocked"
    # an autoblock would hit everybody: all have one address
    assert editor.edit("Wall", "two")["result"] == "Success"
    admin.unblock(FRESH)
    assert fresh.edit("Wall", "three")["result"] == "Success"


def test_a_wiki_that_is_read_only_says_why_and_is_writable_again(
    wiki: MediaWiki, editor: Session
) -> None:
    wiki.read_only("because of the rain")
    try:
        with pytest.raises(ApiError, match="because of the rain"):
            editor.edit("Wall", "wet")
    finally:
        wiki.writable()
    assert editor.edit("Wall", "dry")["result"] == "Success"


def test_limits_are_kept_and_taken_back(wiki: MediaWiki) -> None:
    fresh = wiki.session(FRESH)
    fresh.edit("Slow", "one")
    wiki.limit_edits()
    try:
        assert refused(fresh, "Slow") == "ratelimited"
        assert wiki.session(ADMIN).edit("Slow", "mine")["result"] == "Success"
    finally:
        wiki.unlimited()
    assert fresh.edit("Slow", "two")["result"] == "Success"


def test_edits_at_once_all_arrive(wiki: MediaWiki) -> None:
    people = [wiki.session(EDITOR) for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        told = pool.map(lambda n: people[n % WORKERS].edit(f"Busy {n}", "x")["result"], range(16))
        assert set(told) == {"Success"}


def test_a_login_is_a_browsers_too(wiki: MediaWiki, editor: Session) -> None:
    cookies = {one["name"]: one["value"] for one in editor.cookies(wiki.url)}
    page = requests.get(wiki.page("Main Page"), cookies=cookies, timeout=60).text
    assert f'"wgUserName":"{EDITOR}"' in page


def test_the_wiki_complained_of_nothing(wiki: MediaWiki) -> None:
    """Last: after all that was done to it."""
    complaints = re.compile(r"PHP (Fatal|Warning)|\[5\d\d\]|MWException|DBQueryError|Uncaught")
    assert [line for line in wiki.log().splitlines() if complaints.search(line)] == []


# --- its end ---


def test_nothing_is_left_of_it() -> None:
    with MediaWiki.start() as wiki:
        assert wiki._keeper
        session, folder = wiki._keeper.pid, wiki.folder
        # the server itself takes requests beside its workers
        assert len(keeper.members(session)) == WORKERS + 1
    assert keeper.members(session) == [] and not folder.exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(wiki.url, timeout=5)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.usefixtures("unwatched_programs")
def test_it_ends_with_the_program_that_started_it(how: signal.Signals) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        text=True,
    )  # fmt: skip
    assert program.stdout
    _, keepers, folder = program.stdout.readline().split()
    session = int(keepers)
    assert len(keeper.members(session)) == WORKERS + 1
    os.kill(program.pid, how)
    program.communicate(timeout=60)
    until = time.monotonic() + 10
    while time.monotonic() < until and (keeper.members(session) or Path(folder).exists()):
        time.sleep(0.05)
    assert keeper.members(session) == [] and not Path(folder).exists()


def test_a_port_in_use_is_told_in_one_line(wiki: MediaWiki) -> None:
    with pytest.raises(StartError, match="Address already in use"), MediaWiki.start(wiki.port):
        pass
