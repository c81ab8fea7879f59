"""The gadget in every language: whole, with the same places, and sent to whom it is for."""

from __future__ import annotations

import json
import re

import pytest

from tests.gadget.translations import DOCUMENTED, FOLDERS, FORMS, I18N, direction, faults, languages
from tests.gadget.translations import texts as texts_of
from tests.test_gadget_units import GADGET, code, modules

MESSAGES = code("messages.js")
BOTH = [(folder, language) for folder in FOLDERS for language in languages(folder)]


@pytest.mark.parametrize(("folder", "language"), BOTH)
def test_a_translation_is_whole(folder: str, language: str) -> None:
    assert language in FORMS, "say in FORMS how many forms of PLURAL this language has"
    assert faults(language, texts_of(folder, language), texts_of(folder, "en")) == []
    told = json.loads((I18N / folder / f"{language}.json").read_text(encoding="utf-8"))
    assert isinstance(told["@metadata"]["authors"], list)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_message_is_documented(folder: str) -> None:
    said, documented = texts_of(folder, "en"), texts_of(folder, DOCUMENTED)
    assert list(said) == list(documented) and all(documented.values())
    for key, text in said.items():
        assert set(re.findall(r"\$\d", text)) <= set(re.findall(r"\$\d", documented[key])), key


def test_every_folder_has_every_language() -> None:
    assert languages("") == languages("button") == languages("preferences")
    assert "en" in languages("")


def test_every_language_is_sent_and_known_to_who_chooses() -> None:
    listed = [name for one in modules().values() for name in one["files"] + one.get("labels", [])]
    there = [f"i18n/{folder and folder + '/'}{language}.json" for folder, language in BOTH]
    assert sorted(name for name in listed if name.startswith("i18n/")) == sorted(there)
    for name in ("messages.js", "button.js"):
        packed = re.search(r"^const PACKED = \[(.*)\];$", code(name), re.MULTILINE)
        assert packed and sorted(re.findall(r"'([a-z-]+)'", packed[1])) == languages("")


@pytest.mark.parametrize("language", languages(""))
def test_a_language_runs_as_the_dialog_says(language: str) -> None:
    found = re.search(r"^const direction = language === '(\w+)' \? 'rtl' : 'ltr';$", MESSAGES, re.M)
    assert found and direction(texts_of("", language)) == ("rtl" if language == found[1] else "ltr")


def test_all_languages_together_stay_small() -> None:
    """All are sent to everybody who presses; see README: beyond this, let them be fetched."""
    core = modules()["ext.gadget.suggest-depicts-core"]["files"]
    size = sum((GADGET / name).stat().st_size for name in core if name.startswith("i18n/"))
    assert size <= 100_000


# --- the judge itself ---

ENGLISH = {"one": "{{PLURAL:$1|1=One thing|$1 things}} by $2.", "two": "All of it here"}
ARABIC = "{{PLURAL:$1|لا شيء $1|شيء|شيئان|$1 أشياء|$1 شيئًا|$1 شيء}} من $2."
PLANTED = {
    "a place is lost": ("de", {"one": "{{PLURAL:$1|1=Ein Ding|Dinge}} von $2"}, "other places"),
    "a place too many": (
        "de", {"one": "{{PLURAL:$1|1=Ein Ding|$1 Dinge}} $2 $3"}, "other places",
    ),
    "a plural is lost": ("de", {"one": "$1 Dinge von $2"}, "without a PLURAL"),
    "a form is lost": ("de", {"one": "{{PLURAL:$1|$1 Dinge}} von $2"}, "1 forms of PLURAL, not 2"),
    "by the reader's rules": (
        "de", {"one": "{{PLURAL:$1|Ein Ding|$1 Dinge}} von $2"}, "1=… and one for all else",
    ),
    "a number in the form of one": (
        "de", {"one": "{{PLURAL:$1|1=$1 Ding|$1 Dinge}} von $2"}, "that in words",
    ),
    "five forms of six": (
        "ar", {"one": ARABIC.replace("|شيئان", "")}, "5 forms of PLURAL, not 6",
    ),
    "an empty form": ("ar", {"one": ARABIC.replace("|شيئان|", "||")}, "forms of PLURAL, not 6"),
    "a form by number in six": ("ar", {"one": ARABIC.replace("|شيء|", "|1=شيء|")}, "no form by"),
    "markup": ("de", {"two": "Alles <b>hier</b>"}, "other wikitext"),
    "a gender": ("de", {"two": "{{GENDER:$1|a|b}}"}, "other wikitext"),
    "English left standing": ("de", {}, "two: not translated"),
    "blanks": ("de", {"two": "Alles hier "}, "blanks"),
    "nothing": ("de", {"two": ""}, "empty"),
    "a key too many": ("de", {"three": "Drei"}, "three: not in English"),
    "a key too few": ("de", {"two": None}, "two: missing"),
}  # fmt: skip


@pytest.mark.parametrize(("language", "said", "told"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_found(language: str, said: dict[str, str | None], told: str) -> None:
    whole = {key: text for key, text in (ENGLISH | said).items() if text is not None}
    assert any(told in fault for fault in faults(language, whole, ENGLISH))


def test_what_is_whole_is_let_pass() -> None:
    assert faults("en", ENGLISH, ENGLISH) == []
    german = {"one": "{{PLURAL:$1|1=Ein Ding|$1 Dinge}} von $2.", "two": "Alles hier"}
    assert faults("de", german, ENGLISH) == [] and direction(german) == "ltr"
    arabic = {"one": ARABIC, "two": "كل شيء هنا"}
    assert faults("ar", arabic, ENGLISH) == [] and direction(arabic) == "rtl"
