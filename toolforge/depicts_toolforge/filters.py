"""What the gallery is asked for, read strictly. Pure: texts in, values or a Problem out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from depicts_model.shares import SLACK
from depicts_model.store import OutcomeFilter
from depicts_model.types import Qid, parse_qid
from depicts_toolforge.asked import language_tag, short, single
from depicts_toolforge.problems import bad_request
from depicts_toolforge.wording import KINDS

NAMES: Final = ("outcome", "confidence", "item", "lang", "before", "after")
STEPS: Final = (50, 60, 70, 80, 90, 95)
"""Confidences that the form offers, in percent."""
_SUGGESTED: Final = "suggested"
_LARGEST: Final = 2**62
_RTL: Final = "ar arc arz azb bcc bqi ckb dv fa glk he khw lrc mzn nqo pnb ps sd skr ug ur yi"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the gallery's address says. A confidence or an item asks for suggestions only."""

    language: str
    lang: str | None = None
    """The language as the address names it; None where it names none."""
    outcome: str | None = None
    confidence: int | None = None
    """At least this many percent."""
    item: Qid | None = None
    before: int | None = None
    after: int | None = None

    @property
    def narrowed(self) -> bool:
        """Whether only some of the suggestions are asked for."""
        return self.item is not None or self.confidence is not None

    @property
    def stored(self) -> OutcomeFilter:
        """The same, as the store is asked: what is shown as so many percent passes."""
        least = max(0.0, (self.confidence or 0) - SLACK) / 100
        return OutcomeFilter(self.outcome, self.item, least)

    def query(self, **changed: Any) -> dict[str, Any]:
        """The address of the same with these changes, as the first page unless they say more."""
        kept = {name: getattr(self, name) for name in NAMES[:-2]} | changed
        return {name: value for name, value in kept.items() if value is not None}


def read(query: Mapping[str, Sequence[str]], language: str) -> Filters:
    """What the query string says; a key without a value, as forms send it, says nothing."""
    given = {name: value for name, value in single(query, NAMES).items() if value}
    lang = language_tag(given["lang"]) if "lang" in given else None
    made = Filters(
        lang or language,
        lang,
        _outcome(given.get("outcome")),
        _number("confidence", given.get("confidence"), 100),
        _item(given.get("item")),
        _number("before", given.get("before"), _LARGEST),
        _number("after", given.get("after"), _LARGEST),
    )
    return _sensible(made)


def direction(language: str) -> str:
    """How texts in this language run: ``ltr`` or ``rtl``."""
    return "rtl" if language.partition("-")[0] in _RTL.split() else "ltr"


def _sensible(made: Filters) -> Filters:
    if made.before is not None and made.after is not None:
        raise bad_request("before and after: a page is before one place or after one, not both")
    if not made.narrowed or made.outcome == _SUGGESTED:
        return made
    name = "item" if made.item is not None else "confidence"
    if made.outcome is not None:
        raise bad_request(f"{name}: files with outcome {made.outcome!r} have no suggestions")
    return Filters(
        made.language,
        made.lang,
        _SUGGESTED,
        made.confidence,
        made.item,
        made.before,
        made.after,
    )


def _outcome(text: str | None) -> str | None:
    if text is None or text in KINDS:
        return text
    raise bad_request(f"outcome: must be one of {', '.join(KINDS)}, not {short(text)}")


def _item(text: str | None) -> Qid | None:
    try:
        return parse_qid(text) if text else None
    except ValueError as error:
        raise bad_request(f"item: {error}") from None


def _number(name: str, text: str | None, most: int) -> int | None:
    if text is None:
        return None
    # int() would take other digits, signs and blanks
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most:
        return int(text)
    limit = f" from 0 to {most}" if most <= 100 else ""
    raise bad_request(f"{name}: must be a whole number{limit}, not {short(text)}")
