"""`make lint` finds in the gadget what Wikimedia's rules find, or says that it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gadget import lint
from tests.sandbox.demo_setup import npm
from tests.test_gadget_units import GADGET

PLANTED = {
    "one = 1;": "no-undef",
    "const two = 2;": "no-unused-vars",
    "module.exports = Object.values;": "es-x/no-object-values",
    "console.log( 'four' );": "no-console",
    'module.exports = "five";': "quotes",
}


@pytest.mark.slow
def test_planted_slips_are_found() -> None:
    if not (GADGET / "node_modules" / "eslint").is_dir():
        pytest.skip("eslint is not installed: make setup")
    words = ("--stdin", "--stdin-filename", "src/planted.js", "--format", "json")
    done = npm("exec", "--", "eslint", *words, given="\n".join(["'use strict';", "", *PLANTED, ""]))
    (told,) = json.loads(done.stdout)
    assert [one["ruleId"] for one in told["messages"]] == list(PLANTED.values())


def test_without_eslint_nothing_is_called_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lint, "GADGET", tmp_path)
    assert lint.main() == 1
    assert capsys.readouterr().err == "error: gadget-js: eslint is not installed: make setup\n"
