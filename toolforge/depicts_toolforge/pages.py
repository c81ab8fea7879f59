"""The pages for people, each a straight line from an address to a template."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Flask, Response, make_response, render_template, request
from flask import url_for as address
from werkzeug.exceptions import NotFound

from depicts_model.store import OutcomeFilter, OutcomePage
from depicts_toolforge import filters, reports, wording
from depicts_toolforge.assets import Assets
from depicts_toolforge.cards import Card, Desk, Named, card
from depicts_toolforge.filters import Filters
from depicts_toolforge.opinions import shown
from depicts_toolforge.parts import Parts, current_parts
from depicts_toolforge.problems import PAGES

pages: Final = Blueprint(PAGES, __name__)

PAGE_SIZE: Final = 24
"""Cards a page: it fills rows of two, three, four and six."""
_STATIC: Final = "pages.static_file"
_KEPT: Final = "public, max-age=31536000, immutable"
_NOTHING: Final = OutcomePage((), None, None)
ROBOTS: Final = """\
User-agent: *
Disallow: /api/
Disallow: /plots/
Disallow: /*?
Allow: /static/
"""
"""Pages are for everybody; filters and languages are a maze, each step of it a count."""


pages.get("/", endpoint="home")(reports.landing)
pages.get("/files/<mid>", endpoint="file")(reports.file_report)
pages.get("/statistics")(reports.statistics)
pages.get("/plots/<name>.svg")(reports.plot)
pages.get("/operator")(reports.operator)
pages.get("/robots.txt", endpoint="robots")(lambda: Response(ROBOTS, mimetype="text/plain"))


def install(app: Flask) -> None:
    """Add the pages, and what their templates use."""
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.register_blueprint(pages)
    assets = Assets.load()
    app.add_url_rule("/static/<name>", _STATIC, partial(_static_file, assets), methods=["GET"])
    app.jinja_env.globals["asset"] = lambda name: address(_STATIC, name=name, v=assets.marks[name])


@pages.before_request
def count() -> None:
    """Each page counts; what belongs to one does not, since it costs next to nothing."""
    if request.endpoint != _STATIC and request.method != "OPTIONS":
        current_parts().limiter.count_our_pages()


@pages.get("/gallery")
def gallery() -> Response:
    """What became of files, newest first, a card each; the counts are up to a minute old."""
    parts = current_parts()
    asked = filters.read(request.args.to_dict(flat=False), parts.settings.language)
    desk = reports.desk_of(parts, asked.language)
    found = _found(parts, asked, desk)
    html = render_template(
        "gallery.html",
        asked=asked,
        cards=_cards(parts, desk, found),
        found=found,
        counts=parts.counts.of(OutcomeFilter()),
        fitting=sum(parts.counts.of(asked.stored).values()) if asked.narrowed else None,
        item=_item(asked, desk),
        forbidden=asked.item in desk.items.never_suggest,
        stopped=parts.switches.now().stopped,
        kinds=wording.KINDS,
        steps=sorted({*filters.STEPS, asked.confidence or filters.STEPS[0]}),
        **reports.Reader(asked.language, asked.lang).shared,
    )
    response = make_response(html)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _found(parts: Parts, asked: Filters, desk: Desk) -> OutcomePage:
    if asked.item in desk.items.never_suggest:
        return _NOTHING
    return parts.store.browse(asked.stored, PAGE_SIZE, asked.before, asked.after)


def _cards(parts: Parts, desk: Desk, found: OutcomePage) -> list[Card]:
    # asked once for all cards, and not once a card
    refused = parts.store.refused_of({stored.file.sha1 for stored in found.outcomes})
    made = [card(stored, refused[stored.file.sha1], desk) for stored in found.outcomes]
    # only suggestions say whose they are; silence beside them came from the same model
    small = {one.model_version for one in made if one.demo}
    return [replace(one, demo=one.model_version in small) for one in made]


def _item(asked: Filters, desk: Desk) -> Named | None:
    """The item that is asked for, if it may be shown and has a label."""
    return None if asked.item is None else shown(asked.item, desk)


def _static_file(assets: Assets, name: str) -> Response:
    if name not in assets.marks:
        raise NotFound
    response = Response(assets.contents[name], HTTPStatus.OK, mimetype=assets.types[name])
    kept = request.args.get("v") == assets.marks[name]
    response.headers["Cache-Control"] = _KEPT if kept else "no-cache"
    return response
