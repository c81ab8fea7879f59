"""Which languages a label may be read in when the reader's own has none."""

from __future__ import annotations

from typing import Final

DEFAULT: Final = "en"
ANY_LANGUAGE: Final = "mul"

# From MediaWiki's message files ($fallback of each language); the common ones on Commons.
FALLBACKS: Final[dict[str, tuple[str, ...]]] = {
    "als": ("gsw", "de"),
    "arz": ("ar",),
    "ast": ("es",),
    "ba": ("ru",),
    "bar": ("de",),
    "be-tarask": ("be",),
    "ca": ("oc",),
    "ce": ("ru",),
    "crh": ("crh-latn",),
    "de-at": ("de",),
    "de-ch": ("de",),
    "dsb": ("hsb", "de"),
    "es-419": ("es",),
    "frr": ("de",),
    "gan": ("zh-hant", "zh"),
    "gl": ("pt",),
    "gsw": ("de",),
    "hsb": ("dsb", "de"),
    "jv": ("id",),
    "kk": ("kk-cyrl",),
    "ksh": ("de",),
    "lb": ("de",),
    "li": ("nl",),
    "ltg": ("lv",),
    "mg": ("fr",),
    "ms": ("id",),
    "nb": ("no", "da", "nn", "sv"),
    "nds": ("de",),
    "nds-nl": ("nl",),
    "nn": ("no", "nb", "da", "sv"),
    "no": ("nb", "da", "nn", "sv"),
    "oc": ("ca", "fr"),
    "pt": ("pt-br",),
    "pt-br": ("pt",),
    "qu": ("es",),
    "scn": ("it",),
    "sr-ec": ("sr",),
    "sr-el": ("sr",),
    "tt": ("tt-cyrl", "ru"),
    "uk": ("ru",),
    "vec": ("it",),
    "wa": ("fr",),
    "yue": ("zh-hk", "zh-hant", "zh"),
    "zh-cn": ("zh-hans", "zh"),
    "zh-hans": ("zh-cn", "zh"),
    "zh-hant": ("zh-tw", "zh-hk", "zh"),
    "zh-hk": ("zh-hant", "zh-tw", "zh"),
    "zh-tw": ("zh-hant", "zh-hk", "zh"),
}


def chain(language: str) -> tuple[str, ...]:
    """The languages to try in order: the reader's, its fallbacks, English, any language."""
    tag = language.lower()
    wanted = (tag, *FALLBACKS.get(tag, ()), DEFAULT, ANY_LANGUAGE)
    return tuple(dict.fromkeys(wanted))
