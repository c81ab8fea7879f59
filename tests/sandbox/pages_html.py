"""The pages that people see: a file page with its picture and what it depicts."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from . import entity as entities
from .api.call import Call
from .api.images import thumb_of
from .records import Page
from .thumbnails import WIDTHS

Json = dict[str, Any]

_DESCRIPTION = re.compile(r"\|\s*description\s*=\s*(.*?)\n\s*\|", re.IGNORECASE | re.DOTALL)
_IN_LANGUAGE = re.compile(r"\{\{\w+\|(?:1=)?(.*?)\}\}", re.DOTALL)


def page_html(call: Call, page: Page) -> str:
    """The whole page of a title, as HTML."""
    body = _file_body(call, page) if page.file else _text_body(call, page)
    title = escape(page.title)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'</head>\n<body data-page-id="{page.id}"><h1 id="firstHeading">{title}</h1>\n'
        f"{body}\n</body></html>\n"
    )


def missing_html(title: str) -> str:
    """The page of a title that nobody has written yet."""
    return f"<!doctype html>\n<title>{escape(title)}</title>\n<p>There is no such page.</p>\n"


def description_of(text: str) -> str:
    """The description in a file's wikitext, without its language template."""
    found = _DESCRIPTION.search(text)
    return _IN_LANGUAGE.sub(r"\1", found[1]).strip() if found else ""


def _text_body(call: Call, page: Page) -> str:
    return f"<pre>{escape(call.site.latest(page).text)}</pre>"


def _file_body(call: Call, page: Page) -> str:
    file, latest = page.file, call.site.latest(page)
    assert file is not None
    width = max((one for one in WIDTHS if one < min(file.width, 960)), default=file.width)
    source = escape(thumb_of(call, page, file, width))
    described = escape(description_of(latest.text))
    return (
        f'<div id="file"><img src="{source}" alt="{described}" width="{width}"></div>\n'
        f'<div id="description">{described}</div>\n'
        f"{_statements(call, latest.entity)}"
    )


def _statements(call: Call, entity: Json | None) -> str:
    rows = [_statement(call, one) for one in entities.statements(entity)] if entity else []
    return f'<ul id="statements">{"".join(rows)}</ul>'


def _statement(call: Call, statement: Json) -> str:
    snak = statement["mainsnak"]
    value = snak.get("datavalue", {}).get("value", {})
    item = value.get("id", "") if isinstance(value, dict) else ""
    label = _label(call, item) if item else snak["snaktype"]
    return (
        f'<li data-property="{escape(snak["property"])}" data-item="{escape(item)}">'
        f"{escape(_label(call, snak['property']))}: {escape(label)}</li>"
    )


def _label(call: Call, entity_id: str) -> str:
    found = call.state.items.entity(call.state.items.resolve(entity_id))
    label: str = found["labels"].get("en", {}).get("value", entity_id) if found else entity_id
    return label
