"""How good the suggestions are, as wikitext for a page on the wiki. Pure.

No template and no picture is needed: SVG pictures cannot be shown from elsewhere, and uploading
new ones all the time is not what Commons is for. So a share is drawn as a bar of HTML beside its
number, and the plots are links to the service. Nothing here names a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depicts_model import shares
from depicts_model.shares import Share, percent, span
from depicts_model.statistics import Statistics, Tally
from depicts_model.types import Age, Qid

_HEADS: Final = (
    *("Shown", "Accepted", "Acceptance rate"),
    *(f"Reverted within {age.value} days" for age in Age),
    *(f"Stands after {age.value} days" for age in Age),
)
ALL: Final = "all"
_PLOTS: Final = {
    "acceptance": "acceptance by confidence",
    "kept": "what stands, by confidence",
    "reverts": "reverts by class",
}
_WIDE: Final = '<div style="overflow-x:auto">'
"""Around a table: on a narrow page it scrolls by itself."""
_PLAIN: Final = " -,.()"
_BAR: Final = '<div aria-hidden="true" style="background:#36c;height:0.4em;width:{:.0f}%"></div>'
_EXPLAINED: Final = """\
'''Shown''': decisions about suggestions, a skip too. '''Accepted''': those that were approved, \
and whose statement was found in the file's history. '''Acceptance rate''': accepted of shown. \
Each saved statement is looked at again 7 and 30 days later. '''Reverted''': the edit is marked \
as reverted, or the file does not say it any more. '''Stands''': the file says it as it was \
saved; the rest was changed. In brackets: what a share is of, and its 95&nbsp;% interval."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is told."""

    counted: Statistics
    since: datetime | None
    """From when on it is counted; None: ever."""
    model: str | None
    """The version that made the newest suggestions; None where there are none yet."""
    service: str
    """Address of the service, which has the plots; empty where it is not known."""
    label: Callable[[Qid], str | None]
    """An item's label; what has none is left out."""


def wikitext(report: Report) -> str:
    """The whole report, without marks."""
    counted = report.counted
    confidence = [(f"{span(b.low, b.high)}%", b.tally) for b in shares.bins(counted)]
    confidence += [("refined or searched", counted.unknown)] if _is_told(counted.unknown) else []
    classes = [
        (_linked(qid, label), t) for qid, t in counted.classes if (label := report.label(qid))
    ]
    parts = [_head(report), *_totals(report), ""]
    parts += _table("By confidence", "Confidence", [*confidence, (ALL, shares.altogether(counted))])
    parts += _table("By class", "Class", classes)
    return "\n".join([*parts, _EXPLAINED, *_plots(report)])


def _head(report: Report) -> str:
    of = "Everything" if report.since is None else f"What happened since {_day(report.since)}"
    model = f"<code>{escaped(report.model)}</code>" if report.model else "none yet"
    at = f"{report.counted.at:%H:%M} UTC"
    return f"{of}, counted on {_day(report.counted.at)}, {at}. Model: {model}."


def _totals(report: Report) -> Iterator[str]:
    totals, all_ = report.counted.totals, shares.altogether(report.counted)
    covered = _words(shares.coverage(report.counted))
    yield f"* Coverage, files with a suggestion of files looked at: {covered}"
    yield f"* Files skipped: {totals.get('skipped', 0):,}; failed: {totals.get('failed', 0):,}"
    yield f"* Statements saved: {all_.saved:,}; looked at again: {all_.judged:,}"
    yield f"* Of these reverted: {_words(shares.taken_back(all_))}"


def _table(title: str, head: str, rows: Iterable[tuple[str, Tally]]) -> Iterator[str]:
    told = [(name, tally) for name, tally in rows if _is_told(tally)]
    if not told:
        yield f"''{title}: nothing is measured yet.''\n"
        return
    yield f'{_WIDE}\n{{| class="wikitable sortable"\n|+ {title}'
    yield from (f'! scope="col" | {words}' for words in (head, *_HEADS))
    for name, tally in told:
        # what is all stays last, however a reader sorts
        bottom = ' class="sortbottom"' if name == ALL else ""
        yield f'|-{bottom}\n! scope="row" style="text-align:start" | {name}'
        yield from _cells(tally)
    yield "|}\n</div>\n"


def _is_told(tally: Tally) -> bool:
    return bool(tally.shown or tally.saved)


def _cells(tally: Tally) -> Iterator[str]:
    yield f"| {tally.shown:,}\n| {tally.confirmed:,}"
    yield _cell(shares.acceptance(tally))
    yield from (_cell(shares.reverted(tally, age)) for age in Age)
    yield from (_cell(shares.survival(tally, age)) for age in Age)


def _cell(share: Share) -> str:
    if share.value is None:
        return '| data-sort-value="-1" | –'
    return (
        f'| data-sort-value="{share.value:.4f}" | {_words(share)}{_BAR.format(100 * share.value)}'
    )


def _words(share: Share) -> str:
    if share.value is None or share.interval is None:
        return "not measured yet"
    low, high = map(percent, share.interval)
    return (
        f"{percent(share.value)} <small>({share.part:,} of {share.whole:,}; {low}–{high})</small>"
    )


def _plots(report: Report) -> Iterator[str]:
    if not report.service:
        return
    all_, address = shares.altogether(report.counted), report.service.rstrip("/")
    classes = any(tally.judged for _, tally in report.counted.classes)
    drawn = {"acceptance": all_.shown, "kept": all_.judged, "reverts": classes}
    links = [
        f"[{address}/plots/{name}.svg {_PLOTS[name]}]" for name, known in drawn.items() if known
    ]
    links.append(f"[{address}/statistics all statistics]")
    yield f"\nPlots, of all that was ever counted: {', '.join(links)}."


def _linked(qid: Qid, label: str) -> str:
    return f"[[:d:{qid}|{escaped(label)}]]"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def escaped(text: str) -> str:
    """Words that are no wikitext, whatever they hold."""
    return "".join(c if c.isalnum() or c in _PLAIN else f"&#{ord(c)};" for c in text)
