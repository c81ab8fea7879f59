"""The pages that people see: a file with its picture and what it depicts, and the list of files.

A file page looks like one of MediaWiki as far as scripts look at it: ``#firstHeading``, ``#file``,
``#mw-imagepage-content``, the statements in a ``.wbmi-entityview-statementsGroup`` (as
WikibaseMediaInfo has it), and the skin's classes for light and dark.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from . import entity as entities
from . import gadget_files
from .api.call import Call
from .api.images import scaled_height, thumb_of
from .gadget_files import GadgetConfig
from .namespaces import FILE
from .records import Page, Revision, StoredFile
from .thumbnails import WIDTHS
from .wikitext import field, licence

Json = dict[str, Any]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,8})?")
_BANNER = "Embedded wiki – a stand-in for Wikimedia Commons, on this machine only"
_FRAME = """<!doctype html>
<html lang="en" dir="ltr" class="skin-theme-clientpref-os">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
{styles}</head>
<body{attributes}>
<a class="skip" href="#content">Skip to the content</a>
<header>
<p class="banner">{banner}</p>
<nav class="site" aria-label="Site">
<a class="wordmark" href="{home}">Embedded wiki</a>
<a href="{home}">All files</a>
<span class="user">{user}</span>
</nav>
</header>
<nav id="p-tb" class="tools" aria-label="Tools"><ul></ul></nav>
<main id="content">
<h1 id="firstHeading">{title}</h1>
{body}
</main>
{scripts}</body>
</html>
"""


def page_html(call: Call, page: Page, gadget: GadgetConfig | None = None) -> str:
    """The whole page of a title, as HTML."""
    body = _file_body(call, page, gadget) if page.file else _text_body(call, page)
    attributes = f' data-page-id="{page.id}" class="ns-{page.ns}"'
    return _framed(call, page.title, body, attributes, _scripts(call, page, gadget), gadget)


def missing_html(call: Call, title: str) -> str:
    """The page of a title that nobody has written yet."""
    return _framed(call, title or "Bad title", "<p>There is no such page.</p>")


def files_html(call: Call) -> str:
    """Every file of the wiki; the main page, where nobody has written one."""
    pages = sorted(call.site.file_pages(), key=lambda page: page.title)
    shown = [page for page in pages if not call.site.redirect_target(page)]
    cards = "\n".join(_card(call, page) for page in shown)
    return _framed(call, "All files", f'<ul class="files">\n{cards}\n</ul>')


def _framed(
    call: Call,
    title: str,
    body: str,
    attributes: str = "",
    scripts: str = "",
    gadget: GadgetConfig | None = None,
) -> str:
    return _FRAME.format(
        title=escape(title),
        styles=_styles(call, gadget),
        attributes=attributes,
        banner=_BANNER,
        home=f"{call.site.prefix}/wiki/Main_Page",
        user=f"Logged in as <bdi>{escape(call.user)}</bdi>" if call.user else "Not logged in",
        body=body,
        scripts=scripts,
    )


def _styles(call: Call, gadget: GadgetConfig | None) -> str:
    """Ours; and Codex's, as Vector 2022 has its tokens and buttons on every page."""
    base = f"{call.site.prefix}/w"
    addresses = [f"{base}/static/page.css"]
    if gadget and gadget.installed:
        addresses += [f"{base}/load.php?only=styles&modules={name}" for name in ("codex", "tokens")]
    links = [f'<link rel="stylesheet" href="{escape(one)}">\n' for one in addresses]
    return "".join(links)


# --- a file ---


def _text_body(call: Call, page: Page) -> str:
    return f"<pre>{escape(call.site.latest(page).text)}</pre>"


def _file_body(call: Call, page: Page, gadget: GadgetConfig | None) -> str:
    file, latest = page.file, call.site.latest(page)
    assert file is not None
    return (
        f"{_notice(call, page)}"
        f'<div class="columns">\n{_picture(call, page, file, latest)}\n'
        f"{_structured_data(call, latest.entity, gadget)}\n</div>\n"
        f'<div id="mw-imagepage-content">\n{_summary(file, latest)}\n</div>\n'
        f"{_categories(call, page)}"
    )


def _notice(call: Call, page: Page) -> str:
    """What ``diff=`` asks about; the page itself is below, as on a real wiki."""
    number = call.get("diff")
    found = call.site.revisions.get(int(number)) if number.isdigit() else None
    if found is None or found.page != page.id:
        return ""
    tags = f" (tag: {escape(', '.join(found.tags))})" if found.tags else ""
    return (
        f'<p class="notice" id="diff">Edit {found.id} by <bdi>{escape(found.user)}</bdi>, '
        f"{escape(found.timestamp)}: <q>{escape(found.comment)}</q>{tags}</p>\n"
    )


def _picture(call: Call, page: Page, file: StoredFile, latest: Revision) -> str:
    width = max((one for one in WIDTHS if one < min(file.width, 960)), default=file.width)
    source = escape(thumb_of(call, page, file, width))
    described = escape(field(latest.text, "description"))
    height = scaled_height(file, width)
    return (
        f'<div id="file"><img src="{source}" alt="{described}" '
        f'width="{width}" height="{height}"></div>'
    )


def _structured_data(call: Call, entity: Json | None, gadget: GadgetConfig | None) -> str:
    rows = [_statement(call, one) for one in entities.statements(entity)] if entity else []
    none = "" if rows else '<p class="subtle">No statements yet.</p>\n'
    return (
        '<section class="structured-data">\n<h2>Structured data</h2>\n'
        f"<h3>Items portrayed in this file</h3>\n{_missing_parts(gadget)}"
        '<div class="wbmi-entityview-statementsGroup wbmi-entityview-statementsGroup-P180">\n'
        f'<ul id="statements">{"".join(rows)}</ul>\n{none}</div>\n</section>'
    )


def _missing_parts(gadget: GadgetConfig | None) -> str:
    if gadget is None or gadget.installed:
        return ""
    command = f"<code>{gadget_files.SETUP}</code>"
    return f'<p class="notice">The gadget needs Vue and Codex: type {command}, and reload.</p>\n'


def _statement(call: Call, statement: Json) -> str:
    snak = statement["mainsnak"]
    value = snak.get("datavalue", {}).get("value", {})
    item = value.get("id", "") if isinstance(value, dict) else ""
    label = _label(call, item) if item else snak["snaktype"]
    number = f' <span class="subtle">({escape(item)})</span>' if item else ""
    return (
        f'<li data-property="{escape(snak["property"])}" data-item="{escape(item)}">'
        f"{escape(_label(call, snak['property']))}: {escape(label)}{number}</li>"
    )


def _label(call: Call, entity_id: str) -> str:
    found = call.state.items.entity(call.state.items.resolve(entity_id))
    label: str = found["labels"].get("en", {}).get("value", entity_id) if found else entity_id
    return label


def _summary(file: StoredFile, latest: Revision) -> str:
    facts = {
        "Description": f'<div id="description">{escape(field(latest.text, "description"))}</div>',
        "Author": escape(field(latest.text, "author")),
        "Source": escape(field(latest.text, "source")),
        "Licence": escape(licence(latest.text)),
        "File": f"{file.width} × {file.height} pixels, {escape(file.mime)}",
        "Uploaded": f"{escape(file.timestamp[:10])} by <bdi>{escape(file.user)}</bdi>",
    }
    rows = "\n".join(
        f'<tr><th scope="row">{name}</th><td>{value}</td></tr>'
        for name, value in facts.items()
        if value
    )
    return f"<h2>Summary</h2>\n<table>\n{rows}\n</table>"


def _categories(call: Call, page: Page) -> str:
    hidden = call.state.world.hidden
    names = [name for name in call.site.categories(page) if name not in hidden]
    if not names:
        return ""
    shown = "".join(f"<li>{escape(name.partition(':')[2])}</li>" for name in names)
    return f'<section class="categories"><h2>Categories</h2><ul>{shown}</ul></section>'


def _card(call: Call, page: Page) -> str:
    assert page.file is not None
    width = max((one for one in WIDTHS if one < min(page.file.width, 260)), default=page.file.width)
    address = f"{call.site.prefix}/w/index.php?curid={page.id}"
    return (
        f'<li><a href="{escape(address)}"><img loading="lazy" alt="" '
        f'src="{escape(thumb_of(call, page, page.file, width))}">'
        f"<span>{escape(page.title.partition(':')[2])}</span></a></li>"
    )


# --- the gadget ---


def _scripts(call: Call, page: Page, gadget: GadgetConfig | None) -> str:
    """What a page brings for its scripts; nothing where no gadget is configured."""
    if gadget is None or not gadget.installed or call.site.prefix:
        return ""
    data = {
        "config": _config(call, page, gadget),
        "modules": gadget_files.dependencies(gadget),
        "load": [gadget_files.BUTTON],
        "tokens": {"csrf": call.session.token("csrf")},
        "options": _options(call),
    }
    # inside a script element only "<" could end it
    told = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="mw-data">{told}</script>\n'
        '<script src="/w/static/mw.js"></script>\n'
    )


def _options(call: Call) -> dict[str, str]:
    """What the reader's account prefers."""
    user = call.state.users.get(call.user)
    return user.options if user else {}


def _config(call: Call, page: Page, gadget: GadgetConfig) -> Json:
    """The part of mw.config that the gadget looks at."""
    config: Json = {
        "wgNamespaceNumber": page.ns,
        "wgAction": "view",
        "wgPageName": page.title.replace(" ", "_"),
        "wgTitle": page.title.partition(":")[2] or page.title,
        "wgArticleId": page.id,
        "wgUserName": call.user or None,
        "wgUserLanguage": _language(call),
        "wgScriptPath": "/w",
        "wgSuggestDepictsService": gadget.service,
    }
    # set on file pages even before there is a MediaInfo
    return config | ({"wbEntityId": f"M{page.id}"} if page.ns == FILE else {})


def _language(call: Call) -> str:
    """The reader's, for this one page: ``?uselang=``, as MediaWiki has it."""
    asked = call.get("uselang")
    return asked if _LANGUAGE.fullmatch(asked) else "en"
