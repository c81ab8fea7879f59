"""What is wrong with a translation of the gadget, message by message."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

I18N = Path(__file__).parents[2] / "gadget-js" / "i18n"
FOLDERS = ("", "button", "preferences")
DOCUMENTED = "qqq"
FORMS = {"en": 2, "de": 2, "fr": 2, "es": 2, "ar": 6}
"""How many forms of PLURAL a language has.

Two are "1=…" and one for all else: such a text is also read by people of languages without
translation, by whose rules the wiki would choose: in Japanese always the first. Six are those of
the language's own rules, in the order zero, one, two, few, many, other.
"""
PLURAL = re.compile(r"\{\{PLURAL:(\$\d)\|([^{}]*)\}\}")
PLACE = re.compile(r"\$\d")
# what mw.message().text() leaves as it is, or what a parser of pages would take for its own
FOREIGN = re.compile(r"\{\{|\}\}|\[\[|\]\]|<|>|~~~|&\w+;")
Texts = dict[str, str]


def languages(folder: str) -> list[str]:
    """Those that a folder has, without the documentation."""
    return sorted({path.stem for path in (I18N / folder).glob("*.json")} - {DOCUMENTED})


def texts(folder: str, language: str) -> Texts:
    """Messages by key; the file's own notes left out."""
    found: Texts = json.loads((I18N / folder / f"{language}.json").read_text(encoding="utf-8"))
    return {key: text for key, text in found.items() if key != "@metadata"}


def faults(language: str, said: Texts, english: Texts) -> list[str]:
    """One line each; none where the translation is whole."""
    found = [f"{key}: missing" for key in english.keys() - said.keys()]
    found += [f"{key}: not in English" for key in said.keys() - english.keys()]
    for key in said.keys() & english.keys():
        found += [f"{key}: {fault}" for fault in _faults(language, said[key], english[key])]
    return sorted(found)


def _faults(language: str, text: str, english: str) -> Iterator[str]:
    if not text.strip() or text != text.strip():
        yield "empty, or blanks at an end"
    if _places(text) != _places(english):
        yield "other places than in English"
    if Counter(_counted(english)) - Counter(_counted(text)):
        yield "without a PLURAL of English"
    if FOREIGN.search(PLURAL.sub("", text)):
        yield "with other wikitext than PLURAL"
    if language != "en" and text == english and len(text.split()) > 2:
        yield "not translated"
    for _, forms in PLURAL.findall(text):
        yield from _plural_faults(language, forms.split("|"))


def _places(text: str) -> set[str]:
    """Those that are shown: to choose a form by is not to show."""
    return set(PLACE.findall(re.sub(r"\{\{PLURAL:\$\d", "", text)))


def _counted(text: str) -> list[str]:
    return [place for place, _ in PLURAL.findall(text)]


def _plural_faults(language: str, forms: list[str]) -> Iterator[str]:
    wanted = FORMS[language]
    if len(forms) != wanted or not all(form.strip() for form in forms):
        yield f"{len(forms)} forms of PLURAL, not {wanted}"
    explicit = [bool(re.match(r"\d+=", form)) for form in forms]
    if explicit != ([True, False] if wanted == 2 else [False] * wanted):
        yield "PLURAL: 1=… and one for all else" if wanted == 2 else "PLURAL: no form by number"
    if any(re.match(r"(?!1=)\d+=|1=.*\$", form) for form in forms):
        yield "PLURAL: by number only 1, and that in words"


def direction(said: Texts) -> str:
    """Which way most letters of the texts run."""
    kinds = Counter(unicodedata.bidirectional(sign) for text in said.values() for sign in text)
    return "rtl" if kinds["R"] + kinds["AL"] > kinds["L"] else "ltr"
