"""The languages that labels can be read in, as a page offers them. Pure.

The pages' own words are English; what changes with the language are labels and descriptions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ANY: Final = "mul"
"""Labels for all languages; nobody reads in it."""
NAMES: Final = {
    "ar": "العربية",
    "bn": "বাংলা",
    "ca": "català",
    "cs": "čeština",
    "da": "dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "eo": "Esperanto",
    "es": "español",
    "eu": "euskara",
    "fa": "فارسی",
    "fi": "suomi",
    "fr": "français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "magyar",
    "id": "Bahasa Indonesia",
    "it": "italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nb": "norsk bokmål",
    "nl": "Nederlands",
    "pl": "polski",
    "pt": "português",
    "pt-br": "português do Brasil",
    "ro": "română",
    "ru": "русский",
    "sr": "српски / srpski",
    "sv": "svenska",
    "ta": "தமிழ்",
    "te": "తెలుగు",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh": "中文",
    "zh-hans": "中文（简体）",
    "zh-hant": "中文（繁體）",
}
"""Languages by their own names; any other is called by its code."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language that may be chosen."""

    code: str
    name: str
    chosen: bool


def tongues(codes: Iterable[str], chosen: str) -> list[Tongue]:
    """The languages of these codes and the chosen one, in the order of their codes.

    None where there is no choice: the catalog has labels in one language, and it is chosen.
    """
    found = sorted({*codes, chosen} - {ANY})
    made = [Tongue(code, NAMES.get(code, code), code == chosen) for code in found]
    return made if len(made) > 1 else []
