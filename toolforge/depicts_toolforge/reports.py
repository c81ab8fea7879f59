"""The pages that tell how it goes: a file's, the statistics with their plots, the operator's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from depicts_model import shares
from depicts_model.statistics import Statistics, Tally
from depicts_model.store import BOT_RUN, OutcomeFilter
from depicts_model.switch import NOTE as SWITCH
from depicts_model.types import Age, Qid
from depicts_toolforge import figures, filters, operating, plots, wording
from depicts_toolforge.api import STATISTICS
from depicts_toolforge.asked import file_id, language_tag, single
from depicts_toolforge.cards import Desk, Named, card
from depicts_toolforge.measured import model_of
from depicts_toolforge.opinions import opinions, shown
from depicts_toolforge.parts import Parts, current_parts
from depicts_toolforge.plots import Picture
from depicts_toolforge.problems import Problem
from depicts_toolforge.switches import WORKER
from depicts_toolforge.tongues import tongues
from depicts_toolforge.wikis import page_of

RUNS: Final = 24
"""Runs of the bot that the statistics tell of."""
LAST_RUNS: Final = 15
MOST_REFUSALS: Final = 50
DAY: Final = timedelta(days=1)
CANVAS: Final = ("WIDTH", "HEIGHT", "LEFT", "RIGHT", "BOTTOM")
SOON: Final = "public, max-age=60"
"""A plot may be a minute old; the page's tables never are."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the language of labels, and as the address names it (None where it does not)."""

    language: str
    lang: str | None

    @property
    def shared(self) -> dict[str, Any]:
        """What every page's template is given."""
        return {
            "lang": self.lang,
            "direction": filters.direction(self.language),
            "moment": wording.moment,
            "tongues": tongues(current_parts().catalog.languages, self.language),
        }


def landing() -> Response:
    """What this is, how to switch the gadget on, what is stored; it asks no database."""
    settings, reader = current_parts().settings, _reader()
    preferences = f"{page_of(settings.wiki_api, 'Special:Preferences')}#mw-prefsection-gadgets"
    return _page("landing.html", reader, preferences=preferences, contact=settings.contact)


def file_report(mid: str) -> Response:
    """A file: what became of it, each suggestion with its reasons, what people decided."""
    parts, reader, known = current_parts(), _reader(), file_id(mid)
    stored = parts.store.latest(known)
    if stored is None:
        raise _not_looked_at(known, parts.store.place(known))
    desk = desk_of(parts, reader.language)
    made = card(stored, parts.store.refused(stored.file.sha1), desk)
    found = parts.store.decisions(known), parts.store.claims(known)
    told = opinions(*found, stored.file.sha1, desk)
    suggested = {chip.named.item for chip in made.chips}
    others = [one for qid, one in told.items() if qid not in suggested]
    stopped = parts.switches.now().stopped
    return _page("file.html", reader, card=made, opinions=told, others=others, stopped=stopped)


def _not_looked_at(mid: str, place: int | None) -> Problem:
    waits = f"it is number {place} in the queue" if place else "the gadget asks for it on its page"
    detail = f"Nobody has looked at {mid} yet: {waits}."
    return Problem(HTTPStatus.NOT_FOUND, "not-looked-at", detail)


def statistics() -> Response:
    """How good the suggestions are, as far as it is measured, with plots and tables."""
    parts, reader = current_parts(), _reader()
    desk, counted = desk_of(parts, reader.language), _statistics(parts)
    classes = _shown(counted.classes, desk) if counted else []
    return _page(
        "statistics.html",
        reader,
        files=parts.counts.of(OutcomeFilter()),
        counted=counted,
        all=shares.altogether(counted) if counted else Tally(),
        bins=shares.bins(counted) if counted else (),
        classes=classes,
        kept=_kept(classes),
        items=_shown(counted.items, desk) if counted else [],
        model=model_of(parts.settings.model_folder),
        pauses=operating.by_figures(parts.store.pauses(), desk),
        runs=_crawls(parts),
        routes=_routes(parts),
        kinds=wording.KINDS,
        ages=tuple(Age),
        acceptance=shares.acceptance,
        precision=shares.precision,
        taken_back=shares.taken_back,
        survival=shares.survival,
        within=figures.within,
        percent=shares.percent,
        span=shares.span,
        milliseconds=wording.milliseconds,
    )


def _shown(said: Iterable[tuple[Qid, Tally]], desk: Desk) -> list[tuple[Named, Tally]]:
    """Those of the items that may be shown."""
    found = ((shown(qid, desk), tally) for qid, tally in said)
    return [(named, tally) for named, tally in found if named]


def _kept(said: Iterable[tuple[Named, Tally]]) -> list[tuple[Named, Tally]]:
    """Those of which saved statements were looked at again."""
    return [(named, tally) for named, tally in said if tally.judged]


def _statistics(parts: Parts) -> Statistics | None:
    """As they were last counted; None where they never were, or by a bot of another version."""
    noted = parts.store.noted(STATISTICS)
    try:
        return Statistics.from_json(noted.value) if noted else None
    except (KeyError, TypeError, ValueError):
        return None


def _crawls(parts: Parts) -> tuple[figures.Crawl, ...]:
    return figures.crawls(parts.store.last_runs(RUNS, BOT_RUN))


def _routes(parts: Parts) -> tuple[figures.Route, ...]:
    return figures.routes(parts.store.latencies(datetime.now(UTC) - DAY))


def _acceptance_plot(parts: Parts) -> Picture | None:
    counted = _statistics(parts)
    found = shares.bins(counted) if counted else ()
    return plots.verdicts(found) if any(one.tally.shown for one in found) else None


def _kept_plot(parts: Parts) -> Picture | None:
    counted = _statistics(parts)
    found = shares.bins(counted) if counted else ()
    return plots.kept(found) if any(one.tally.judged for one in found) else None


def _reliability_plot(parts: Parts) -> Picture | None:
    model = model_of(parts.settings.model_folder)
    return plots.reliability(model.reliability) if model and model.reliability else None


def _reverts_plot(parts: Parts) -> Picture | None:
    counted, desk = _statistics(parts), desk_of(parts, _reader().language)
    listed = _kept(_shown(counted.classes, desk)) if counted else []
    return plots.reverts([shares.taken_back(tally) for _, tally in listed]) if listed else None


def _crawl_plot(parts: Parts) -> Picture | None:
    found = _crawls(parts)
    return plots.crawl(found) if found else None


def _latency_plot(parts: Parts) -> Picture | None:
    found = _routes(parts)
    return plots.latency(figures.EDGES, figures.together(found)) if found else None


PLOTS: Final[Mapping[str, Callable[[Parts], Picture | None]]] = {
    "acceptance": _acceptance_plot,
    "reliability": _reliability_plot,
    "kept": _kept_plot,
    "reverts": _reverts_plot,
    "crawl": _crawl_plot,
    "latency": _latency_plot,
}


def plot(name: str) -> Response:
    """A plot of the statistics, as a picture; 404 where nothing is measured yet."""
    _reader()
    drawn = PLOTS[name](current_parts()) if name in PLOTS else None
    if drawn is None:
        raise NotFound
    canvas = {name.lower(): getattr(plots, name) for name in CANVAS}
    picture = render_template(plots.TEMPLATE, picture=drawn, **canvas)
    response = Response(picture, mimetype=plots.MEDIA_TYPE)
    response.headers["Cache-Control"] = SOON
    response.headers["Content-Security-Policy"] = plots.POLICY
    return response


def operator() -> Response:
    """What runs, what is stopped, what waits; for reading only."""
    parts, reader, now = current_parts(), _reader(), datetime.now(UTC)
    desk, store = desk_of(parts, reader.language), parts.store
    switch = operating.switch_seen(store.noted(SWITCH))
    worker = operating.worker_seen(store.noted(WORKER), now)
    waiting = store.waiting(MOST_REFUSALS)
    pictures = store.refused_files([one.sha1 for one in waiting])
    counted, title = store.noted(STATISTICS), parts.settings.switch_page
    return _page(
        "operator.html",
        reader,
        switch=switch,
        switch_page={"title": title, "address": page_of(parts.settings.wiki_api, title)},
        worker=worker,
        warnings=operating.warnings(switch, worker, now),
        paused=operating.paused_classes(switch, store.pauses(), desk),
        refusals=operating.waiting_refusals(waiting, pictures, desk),
        most=MOST_REFUSALS,
        queue=store.queue_length(),
        counted=counted.at if counted else None,
        runs=operating.runs_seen(store.last_runs(LAST_RUNS)),
        percent=shares.percent,
    )


def _reader() -> Reader:
    given = single(request.args.to_dict(flat=False), ("lang",))
    lang = language_tag(given["lang"]) if given.get("lang") else None
    return Reader(lang or current_parts().settings.language, lang)


def desk_of(parts: Parts, language: str) -> Desk:
    """What the cards of a page in this language are made with."""
    api, most = parts.settings.wiki_api, parts.settings.max_suggestions
    return Desk(parts.lists.now(), language, api, most)


def _page(template: str, reader: Reader, **values: Any) -> Response:
    response = make_response(render_template(template, **reader.shared, **values))
    response.headers["Cache-Control"] = "no-cache"
    return response
