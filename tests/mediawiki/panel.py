"""What the extension WikibaseMediaInfo adds to the page of a file: a copy of its structure.

Copied from what Wikimedia Commons sends, names of classes, nesting and attributes alike:

- the tabs. ``.wbmi-tabs-container`` takes the place of ``#mw-imagepage-content`` and of all that
  follows in the page's content (a difference between revisions stays above). Its first tab, "File
  information", holds these, its second one, "Structured data", the statements. The markup is
  OOUI's of an ``IndexLayout`` with two tabs, as ``tabifyStructuredData`` in the extension's
  ``WikibaseMediaInfoHooks`` has it made, and it is infused by MediaWiki's own OOUI as the extension
  does it: before that both tabs are seen, then the second one is hidden until it is chosen.
- the statements: a ``.wbmi-entityview-statementsGroup`` for each property, as
  ``MediaInfoEntityStatementsView`` and its templates make them for readers. P180 is there always.
- ``mw.config``: ``wbEntityId`` even before there is a MediaInfo, ``wbCurrentRevision`` (null until
  then), ``wbUserSpecifiedLanguages``, ``wbTermsLanguages``, ``wbRepoApiUrl``, ``maxCaptionLength``.

Not copied: captions, the extension's style sheets and its widgets for editing, which put a
panel of their own in the place of each group; the cache of formatted values is empty. An older
revision is shown with the statements of today. On pages that redirect, where a page is edited, and
for files without a page there is nothing.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from depicts_model.claims import DEPICTS
from tests.sandbox import entity as entities
from tests.sandbox.namespaces import FILE
from tests.sandbox.state import State

Json = dict[str, Any]

_CONFIG = "RLCONF={"
_LANGUAGE = re.compile(r'<html[^>]*\slang="([\w-]+)"')
_SKIN = re.compile(r"\bskin-(vector-2022|vector-legacy|minerva|monobook)\b")
_START = '<div id="mw-imagepage-content"'
_PARSED = re.compile(r'<div\b[^>]*\bclass="[^"]*\bmw-parser-output\b')
# what MediaWiki adds to every page's content, after all that extensions may move
_END = '<div class="printfooter"'
_TITLES = {DEPICTS: "Items portrayed in this file"}
_CAPTION = 250

_TABS = """\
<div class="wbmi-tabs-container oo-ui-layout oo-ui-panelLayout">\
<div id="ooui-php-1" class="wbmi-tabs oo-ui-layout oo-ui-menuLayout oo-ui-menuLayout-static \
oo-ui-menuLayout-top oo-ui-menuLayout-showMenu oo-ui-indexLayout" data-ooui='{index}'>\
<div aria-hidden="false" class="oo-ui-menuLayout-menu">\
<div id="ooui-php-2" class="oo-ui-layout oo-ui-panelLayout oo-ui-indexLayout-tabPanel" \
data-ooui='{menu}'>\
<div role="tablist" aria-multiselectable="false" tabindex="0" id="ooui-php-6" \
class="oo-ui-selectWidget oo-ui-selectWidget-unpressed oo-ui-widget oo-ui-widget-enabled \
oo-ui-tabSelectWidget oo-ui-tabSelectWidget-frameless" data-ooui='{select}'>{first}{second}</div>\
</div></div><div class="oo-ui-menuLayout-content">\
<div id="ooui-php-3" class="oo-ui-layout oo-ui-panelLayout oo-ui-stackLayout \
oo-ui-indexLayout-stackLayout" data-ooui='{stack}'>{page}{data}</div></div></div></div>
"""
_TAB = """\
<div aria-selected="{selected}" role="tab" id="{id}" class="oo-ui-widget oo-ui-widget-enabled \
oo-ui-labelElement oo-ui-optionWidget oo-ui-tabOptionWidget{more}" data-ooui='{ooui}'>\
<span class="oo-ui-labelElement-label">{label}</span></div>"""
_PANEL = """\
<div role="tabpanel" id="{id}" class="wbmi-tab oo-ui-layout oo-ui-panelLayout \
oo-ui-panelLayout-scrollable oo-ui-tabPanelLayout" data-ooui='{ooui}'>{body}</div>"""
_GROUP = """\
<div id="{property}" data-mw-property="{property}" data-mw-statements="{statements}" \
data-mw-formatvalue="[]" class="wbmi-entityview-statementsGroup \
wbmi-entityview-statementsGroup-{property} oo-ui-layout oo-ui-panelLayout \
oo-ui-panelLayout-framed"><div class="wbmi-statements-widget"><div class="wbmi-statement-header">\
<div class="wbmi-entity-data"><div class="wbmi-entity-title">{title}\
<h4 class="wbmi-entity-label"><bdi>{label}</bdi></h4></div></div></div>\
<div class="wbmi-content-items-group">{items}</div></div></div>"""
_ITEM = """\
<div class="wbmi-item wbmi-item-read"><div class="wbmi-item-container">\
<div class="wbmi-entity-header"><div class="wbmi-entity-data"><div class="wbmi-entity-title">\
<h4 class="wbmi-entity-label"><bdi>{value}</bdi></h4></div></div></div>{qualifiers}</div></div>"""
_QUALIFIERS = """\
<div class="wbmi-item-qualifiers"><div class="wbmi-snaklist-container">\
<div class="wbmi-snaklist-content">{snaks}</div></div></div>"""
_SNAK = """\
<div class="wbmi-snak"><div class="wbmi-snak-value">{property}\
<span class="wbmi-snak-value-separator">: </span>\
<span class="wbmi-snak-value--value">{value}</span></div></div>"""
# the extension's headings for readers without scripts
_STYLE = """\
<style>.client-js :is( .wbmi-captions-header, .wbmi-structured-data-header ) { display: none; }
</style>
"""
# the extension does this when the content is ready
_INFUSE = """\
<script>( self.RLQ = self.RLQ || [] ).push( [ [ 'oojs-ui-core', 'oojs-ui-widgets' ], () => {
	mw.hook( 'wikipage.content' ).add( ( $content ) => {
		const $tabs = $content.find( '.wbmi-tabs' );
		if ( $tabs.length ) {
			OO.ui.infuse( $tabs );
		}
	} );
} ] );</script>
"""


def completed(html: str, state: State, base: str, service: str) -> str:
    """A page of MediaWiki as it is where Wikibase and the gadget's service are known.

    ``state``: its lock is held. ``base``: the wiki's address. ``service``: '' for none.
    """
    if _CONFIG not in html:
        return html
    config = _config(html)
    more: Json = {"wgSuggestDepictsService": service} if service else {}
    if _is_file_page(config):
        media = f"M{config['wgArticleId']}"
        found = state.commons.entity(media)
        more |= _wikibase(media, config["wgCurRevisionId"] if found else None)
        html = _with_tabs(html, _groups(found or entities.empty(media), _Names(state, base, html)))
    # inside a script element only "<" could end it
    told = json.dumps(more).replace("<", "\\u003c")[1:-1]
    return html.replace(_CONFIG, f"{_CONFIG}{told}," if told else _CONFIG, 1)


def _config(html: str) -> Json:
    found: Json
    found, _ = json.JSONDecoder().raw_decode(html, html.index(_CONFIG) + len(_CONFIG) - 1)
    return found


def _is_file_page(config: Json) -> bool:
    """As the extension decides it."""
    return bool(
        config["wgNamespaceNumber"] == FILE
        and config["wgAction"] == "view"
        and config["wgArticleId"]
        and not config["wgIsRedirect"]
    )


def _wikibase(media: str, revision: int | None) -> Json:
    return {
        "wbEntityId": media,
        "wbCurrentRevision": revision,
        "wbUserSpecifiedLanguages": [],
        "wbTermsLanguages": {"en": "English", "de": "Deutsch", "ar": "العربية"},
        "wbRepoApiUrl": "/w/api.php",
        "maxCaptionLength": _CAPTION,
    }


# --- the tabs -------------------------------------------------------------------------------


def _with_tabs(html: str, groups: str) -> str:
    start, end = html.find(_START), html.find(_END)
    if start < 0 or end < start:
        return html
    above, text = _split(html[start:end])
    headed = '<h2 class="wbmi-structured-data-header">Structured data</h2>' + groups
    captions = '<h2 class="wbmi-captions-header">Captions</h2>'
    html = html[:start] + above + _tabs(captions + text, headed) + html[end:]
    return html.replace("</head>", f"{_styles(html)}{_INFUSE}</head>", 1)


def _split(content: str) -> tuple[str, str]:
    """What stays above the tabs (a difference between revisions), and what is in the first."""
    opened = content.index(">") + 1
    text = _PARSED.search(content, opened)
    if text is None:
        return "", content
    return content[opened : text.start()], content[:opened] + content[text.start() :]


def _styles(html: str) -> str:
    """OOUI's, in the way in which MediaWiki links its own."""
    skin = _SKIN.search(html)
    name = {"vector-legacy": "vector"}.get(skin[1], skin[1]) if skin else "fallback"
    modules = "oojs-ui-core.styles%7Coojs-ui-core.icons%7Coojs-ui.styles.indicators"
    address = f"/w/load.php?lang=en&amp;modules={modules}&amp;only=styles&amp;skin={name}"
    return f'<link rel="stylesheet" href="{address}">\n{_STYLE}'


def _tabs(page: str, data: str) -> str:
    names = {"wikiTextPlusCaptions": "File information", "statements": "Structured data"}
    panels = [{"tag": "ooui-php-4"}, {"tag": "ooui-php-5"}]
    index = {
        "classes": ["wbmi-tabs"],
        "expanded": False,
        "menuPanel": {"tag": "ooui-php-2"},
        "contentPanel": {"tag": "ooui-php-3"},
        "autoFocus": False,
        "tabPanels": dict(zip(names, panels, strict=True)),
        "tabSelectWidget": {"tag": "ooui-php-6"},
    }
    plain: Json = {"preserveContent": False, "expanded": False}
    items = [{"tag": "ooui-php-7"}, {"tag": "ooui-php-8"}]
    first, second = names.items()
    return _TABS.format(
        index=_ooui("IndexLayout", **index),
        menu=_ooui("PanelLayout", **plain),
        select=_ooui("TabSelectWidget", framed=False, items=items),
        stack=_ooui("StackLayout", **plain, items=panels),
        first=_tab("ooui-php-7", *first, selected=True),
        second=_tab("ooui-php-8", *second),
        page=_panel("ooui-php-4", *first, page),
        data=_panel("ooui-php-5", *second, data),
    )


def _tab(number: str, name: str, label: str, selected: bool = False) -> str:
    chosen = {"selected": True} if selected else {}
    return _TAB.format(
        id=number,
        selected=str(selected).lower(),
        more=" oo-ui-optionWidget-selected" if selected else "",
        ooui=_ooui("TabOptionWidget", **chosen, label=label, data=name),
        label=label,
    )


def _panel(number: str, name: str, label: str, body: str) -> str:
    more: Json = {"scrollable": True, "expanded": False, "classes": ["wbmi-tab"]}
    return _PANEL.format(
        id=number, ooui=_ooui("TabPanelLayout", name=name, label=label, **more), body=body
    )


def _ooui(kind: str, **data: Any) -> str:
    """By which OOUI makes a widget of an element."""
    return escape(json.dumps({"_": f"OO.ui.{kind}", **data}, separators=(",", ":")), quote=True)


# --- the statements -------------------------------------------------------------------------


class _Names:
    """Labels, and links to what they name, in the language of a page."""

    def __init__(self, state: State, base: str, html: str) -> None:
        found = _LANGUAGE.search(html)
        self._items = state.items
        self._languages = (found[1] if found else "en", "en")
        self._base = base + state.items.prefix

    def linked(self, entity_id: str) -> str:
        title = f"Special:EntityPage/{escape(entity_id)}"
        found = self._items.entity(self._items.resolve(entity_id)) or {"labels": {}}
        terms = [found["labels"][one] for one in self._languages if one in found["labels"]]
        label = terms[0]["value"] if terms else entity_id
        address = f"{self._base}/wiki/{title}"
        return f'<a target="_blank" title="d:{title}" href="{address}">{escape(label)}</a>'

    def value(self, snak: Json) -> str:
        if snak["snaktype"] != "value":
            return {"somevalue": "some value", "novalue": "no value"}[snak["snaktype"]]
        value = snak["datavalue"]["value"]
        if isinstance(value, dict):
            return self.linked(value["id"]) if "id" in value else escape(json.dumps(value))
        return escape(str(value))


def _groups(entity: Json, names: _Names) -> str:
    found = {DEPICTS: [], **(entity["statements"] or {})}
    return "".join(_group(prop, rows, names) for prop, rows in found.items())


def _group(prop: str, rows: list[Json], names: _Names) -> str:
    title = _TITLES.get(prop)
    return _GROUP.format(
        property=escape(prop),
        statements=escape(json.dumps(rows)),
        title=f'<h3 class="wbmi-statements-title">{title}</h3>' if title else "",
        label=names.linked(prop),
        items="".join(_item(row, names) for row in rows),
    )


def _item(statement: Json, names: _Names) -> str:
    snaks = [one for group in statement.get("qualifiers", {}).values() for one in group]
    told = "".join(
        _SNAK.format(property=names.linked(one["property"]), value=names.value(one))
        for one in snaks
    )
    return _ITEM.format(
        value=names.value(statement["mainsnak"]),
        qualifiers=_QUALIFIERS.format(snaks=told) if snaks else "",
    )
