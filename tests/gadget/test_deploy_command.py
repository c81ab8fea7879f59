"""`deploy`: nothing without --yes, nothing over somebody else's edit, and what it finds wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from depicts_gadget import cli
from tests.gadget.conftest import Deploy
from tests.gadget.deploying import (
    API,
    BUTTON,
    DEFINITION,
    FILES,
    LABEL,
    LINES,
    NAME,
    TEXTS,
    MemoryWiki,
    Repository,
)  # fmt: skip
from tests.test_gadget_units import GADGET

PAGE = GADGET.parent / "docs" / "gadget.md"
COMMAND = GADGET / "scripts" / "deploy"
LIVE = "https://commons.wikimedia.org/w/api.php"


def test_without_yes_nothing_is_written_and_everything_is_shown(
    deploy: Deploy, wiki: MemoryWiki
) -> None:
    code, said, _ = deploy()
    assert code == 0 and wiki.edited == [] and not wiki.user
    assert f"+{LINES[0]}" in said and "+module.exports = 1;" in said
    assert "7 of 7 pages differ" in said and "nothing was written" in said
    assert deploy("--dry-run") == (code, said, "")


def test_pages_first_then_what_names_them_then_what_changed(
    deploy: Deploy, wiki: MemoryWiki, gadget: Repository
) -> None:
    assert deploy("--yes")[0] == 0
    assert wiki.edited[-1] == DEFINITION and len(wiki.edited) == 7
    assert wiki.pages[DEFINITION][0].text.splitlines() == list(LINES)
    commit = gadget.git("rev-parse", "--short=12", "HEAD").strip()
    assert {page[0].summary for page in wiki.pages.values()} == {
        f"Suggest depicts: commit {commit} of gadget-js"
    }
    wiki.edited.clear()
    assert deploy("--yes")[:2] == (0, f"0 of 7 pages written from commit {commit}\n")
    gadget.put("src/button.js", "module.exports = require( './new.js' );")
    gadget.put("src/new.js", "module.exports = 2;")
    listed = FILES["gadgets.json"].replace('"src/button.js"', '"src/button.js", "src/new.js"')
    gadget.put("gadgets.json", listed)
    gadget.commit()
    assert deploy("--yes")[0] == 0
    assert wiki.edited == [f"{LABEL}/src/new.js", DEFINITION, BUTTON]


def test_a_tree_that_is_not_clean_is_shown_and_not_written(
    deploy: Deploy, wiki: MemoryWiki, gadget: Repository
) -> None:
    gadget.put("src/notes.txt", "mine")
    code, _, told = deploy("--yes")
    assert (code, wiki.edited) == (2, [])
    assert told == "error: gadget-js is not clean: gadget-js/src/notes.txt; commit it first\n"
    assert "with uncommitted changes" in deploy()[1]


# --- drift ---


def test_somebody_elses_edit_stops_it_until_it_is_to_be_overwritten(
    deploy: Deploy, wiki: MemoryWiki
) -> None:
    deploy("--yes")
    wiki.somebody(BUTTON, "module.exports = 'mended here';")
    wiki.edited.clear()
    for words in ((), ("--yes",)):
        code, said, _ = deploy(*words)
        assert (code, wiki.edited) == (1, [])
        assert f"drift: {BUTTON}: last edited by Eve on 2026-11-22T10:00:00Z, not as in " in said
    assert deploy("--yes", "--overwrite-drift")[0] == 0
    assert wiki.edited == [BUTTON]


def test_an_edit_that_was_taken_back_is_no_drift(
    deploy: Deploy, wiki: MemoryWiki, gadget: Repository
) -> None:
    deploy("--yes")
    wiki.somebody(BUTTON, "vandalism")
    wiki.somebody(BUTTON, FILES["src/button.js"], "reverted")
    gadget.put("src/button.js", "module.exports = 3;")
    gadget.commit()
    assert deploy("--yes")[0] == 0


def test_the_same_change_here_and_there_is_no_drift(
    deploy: Deploy, wiki: MemoryWiki, gadget: Repository
) -> None:
    deploy("--yes")
    wiki.somebody(BUTTON, "module.exports = 3;")
    gadget.put("src/button.js", "module.exports = 3;\n")
    gadget.commit()
    assert "0 of 7 pages" in deploy("--yes")[1]


def test_a_deploy_that_was_cut_short_goes_on(
    deploy: Deploy, wiki: MemoryWiki, gadget: Repository
) -> None:
    deploy("--yes")
    gadget.put("src/button.js", "module.exports = 3;")
    gadget.put("src/index.js", "module.exports = 4;")
    gadget.commit()
    wiki.refuses[f"{LABEL}/src/index.js"] = "readonly"
    code, _, told = deploy("--yes")
    assert code == 2 and told == f"error: readonly: {LABEL}/src/index.js: no\n"
    wiki.refuses.clear()
    wiki.edited.clear()
    assert deploy("--yes")[0] == 0
    assert wiki.edited == [f"{LABEL}/src/index.js"]


def test_a_page_that_was_never_ours_is_drift(deploy: Deploy, wiki: MemoryWiki) -> None:
    wiki.somebody(TEXTS, "{}")
    code, said, _ = deploy("--yes")
    assert (code, wiki.edited) == (1, []) and "not from here" in said


def test_other_lines_of_the_definition_are_others(deploy: Deploy, wiki: MemoryWiki) -> None:
    wiki.somebody(DEFINITION, "* other|other.js")
    assert deploy("--yes")[0] == 0
    wiki.somebody(DEFINITION, wiki.pages[DEFINITION][0].text + "\n* more|more.js")
    code, said, _ = deploy("--yes")
    assert code == 0 and "0 of 7 pages" in said
    assert "other.js" in wiki.pages[DEFINITION][0].text


def test_a_gadget_that_was_switched_off_there_stays_off(deploy: Deploy, wiki: MemoryWiki) -> None:
    deploy("--yes")
    wiki.somebody(DEFINITION, "* other|other.js")
    code, said, _ = deploy("--yes")
    assert code == 1 and f"drift: {DEFINITION}: last edited by Eve" in said


def test_a_page_that_was_deleted_there_is_drift(deploy: Deploy, wiki: MemoryWiki) -> None:
    deploy("--yes")
    del wiki.pages[TEXTS]
    code, said, _ = deploy("--yes")
    assert code == 1 and f"drift: {TEXTS}: deleted since commit" in said


def test_a_commit_of_another_clone_is_drift(deploy: Deploy, wiki: MemoryWiki) -> None:
    summary = "Suggest depicts: commit 0123456789ab of gadget-js"
    wiki.somebody(BUTTON, "module.exports = 9;", summary)
    code, said, _ = deploy("--yes")
    assert code == 1 and "from 0123456789ab, which this clone does not have" in said


def test_what_no_gadget_names_any_more_is_told(
    deploy: Deploy, wiki: MemoryWiki, gadget: Repository
) -> None:
    deploy("--yes")
    wiki.somebody("MediaWiki:Gadget-suggest-depictsx.js", "another gadget")
    listed = FILES["gadgets.json"].replace(', "i18n/en.json"', "")
    gadget.put("gadgets.json", listed)
    gadget.commit()
    code, said, _ = deploy("--yes")
    assert code == 0 and [line for line in said.splitlines() if "left over" in line] == [
        f"left over: {TEXTS}: no gadget names it; an administrator can delete it"
    ]


# --- afterwards ---


def test_a_script_that_resourceloader_cannot_parse_is_a_failure(
    deploy: Deploy, wiki: MemoryWiki
) -> None:
    wiki.modules[NAME] = (
        '{"suggest-depicts/src/button.js":mw.log.error("Parse error: Unexpected: = on line 7")}'
    )
    code, said, _ = deploy("--yes")
    fault = f"fault: {NAME}: ResourceLoader cannot parse it: Unexpected: = on line 7"
    assert code == 1 and said.splitlines()[-1] == fault


def test_a_module_may_come_late_and_must_be_whole(deploy: Deploy, wiki: MemoryWiki) -> None:
    wiki.late = 3
    assert deploy("--yes")[0] == 0
    wiki.late = 10_000
    code, said, _ = deploy("--yes")
    assert code == 1 and f"{NAME}: ResourceLoader does not know it" in said
    wiki.late, wiki.modules[f"{NAME}-core"] = 0, '{"suggest-depicts/src/index.js":1}'
    code, said, _ = deploy("--yes")
    assert code == 1 and f"fault: {NAME}-core: ResourceLoader does not send i18n/en.json" in said


# --- the user script ---


def test_a_user_script_is_one_page_below_the_account(deploy: Deploy, wiki: MemoryWiki) -> None:
    code, said, _ = deploy("--user-script", "--yes")
    assert code == 0 and wiki.edited == ["User:Deployer/suggest-depicts.js"]
    assert (
        "on User:Deployer/common.js: mw.loader.load( '/w/index.php?title=User:Deployer/"
        "suggest-depicts.js&action=raw&ctype=text/javascript' );"
    ) in said
    text = wiki.pages[wiki.edited[0]][0].text
    assert FILES["src/index.js"].strip() in text and ".one { margin: 0; }" in text
    wiki.somebody(wiki.edited[0], "mine")
    assert deploy("--user-script", "--yes")[0] == 1


# --- bad input ---

REFUSED = {
    "an option that is not there": (["--frob"], {}, "unrecognized arguments: --frob"),
    "an option cut short": (["--dry"], {}, "unrecognized arguments: --dry"),
    "a dry run that writes": (["--dry-run", "--yes"], {}, "--dry-run and --yes: say one of them"),
    "a live wiki without --live": (["--wiki", LIVE, "--yes"], {}, "say --live, if it is meant"),
    "a wiki off this machine over http": (
        ["--wiki", "http://example.org/w/api.php", "--yes", "--live"], {}, "https only",
    ),
    "no api.php": (["--wiki", "https://example.org/wiki/"], {}, "not the address of an api.php"),
    "no address": (["--wiki", "commons"], {}, "not the address of an api.php"),
    "no name": (["--yes"], {cli.USER: ""}, "GADGET_USERNAME is not set; see docs/gadget.md"),
    "no password": (["--yes"], {cli.PASSWORD: ""}, "GADGET_PASSWORD is not set"),
    "a user script of nobody": (["--user-script"], {cli.USER: ""}, "GADGET_USERNAME is not set"),
}  # fmt: skip


def refused(words: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The program itself, with a name and a password unless the settings say otherwise."""
    ours = {cli.USER: "Deployer@deploy", cli.PASSWORD: "secret", **settings}
    command = [sys.executable, str(COMMAND), "--wiki", API, *words]
    return subprocess.run(
        command, cwd="/", env={**os.environ, **ours}, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(("words", "settings", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_bad_input_is_told_in_one_line(
    words: list[str], settings: dict[str, str], told: str
) -> None:
    done = refused(words, settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and told in done.stderr
    assert done.stderr.count("\n") == 1 and "secret" not in done.stderr


def test_a_section_that_is_not_there_is_told(deploy: Deploy, wiki: MemoryWiki) -> None:
    code, _, told = deploy("--yes", "--section", "tools")
    assert (code, wiki.edited) == (2, [])
    assert told == f"error: --section tools: {DEFINITION} has no such section\n"


def test_the_program_can_be_started_by_its_path() -> None:
    assert COMMAND.stat().st_mode & 0o111
    assert COMMAND.read_text(encoding="utf-8").startswith("#!/usr/bin/env python3\n")


def test_a_folder_that_is_no_repository_is_told(
    wiki: MemoryWiki, gadget: Repository, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("GIT_DIR", str(gadget.gadget / "nothing"))
    assert cli.main(gadget.gadget, ["--wiki", API]) == 2
    assert "no commit: git tells nothing" in capsys.readouterr().err


def test_signs_that_lead_a_terminal_astray_are_not_printed(
    deploy: Deploy, wiki: MemoryWiki
) -> None:
    wiki.somebody(BUTTON, "\x1b[2Jhidden")
    assert "\x1b" not in deploy()[1]


# --- its page ---

SHOWN = re.compile(r"^gadget-js/scripts/deploy(.*)$", re.MULTILINE)


def test_the_page_tells_of_every_option_and_of_none_else() -> None:
    told = PAGE.read_text(encoding="utf-8")
    known = {word for one in cli.parser()._actions for word in one.option_strings}
    listed = set(re.findall(r"^\| `(--[a-z-]+)", told, re.MULTILINE))
    assert listed == known - {"-h"}
    assert {cli.USER, cli.PASSWORD} <= set(re.findall(r"GADGET_[A-Z]+", told))


def test_the_pages_commands_can_be_typed() -> None:
    found = SHOWN.findall(PAGE.read_text(encoding="utf-8"))
    assert len(found) == 3
    for words in found:
        cli.parser().parse_args(words.split())


def test_the_page_shows_what_it_says(deploy: Deploy, wiki: MemoryWiki) -> None:
    def general(text: str) -> str:
        return re.sub(r"\b[0-9a-f]{12}\b", "COMMIT", text).replace("Deployer", "YourAccount")

    told = general(PAGE.read_text(encoding="utf-8"))
    deploy("--yes")
    wiki.somebody(BUTTON, "mine")
    said = general(deploy("--yes")[1]).splitlines()
    assert len(said) == 2 and all(line in told for line in said)
    line = general(deploy("--user-script", "--yes")[1]).splitlines()[-1]
    assert line.partition("common.js: ")[2] in told
