"""Reading entities: ``wbgetentities``, ``wbgetclaims``, search by label, values as text."""

from __future__ import annotations

import json
import re
from typing import Any

from .. import entity as entities
from .. import errors
from .call import Call

Json = dict[str, Any]

_PROPS = (
    "info",
    "sitelinks",
    "aliases",
    "labels",
    "descriptions",
    "claims",
    "datatype",
    "sitelinks/urls",
)
_ID = re.compile(r"[MQP][1-9]\d*")


def get_entities(call: Call) -> Json:
    """Entities by id; one that does not exist is told as missing, not as an error."""
    if call.flag("sites"):
        call.known("sites", ())
    if not call.flag("ids"):
        raise errors.wikibase(
            "illegal-ids-or-sites-titles-selector",
            'Either provide the Item "ids" or pairs of "sites" and "titles" for corresponding page',
            code="param-missing",
        )
    wanted = [_entity_id(call, given) for given in call.values("ids")]
    props = set(call.known("props", _PROPS, "|".join(_PROPS[:-1])))
    return {"entities": {one: _entity(call, one, props) for one in wanted}, "success": 1}


def _entity_id(call: Call, given: str) -> str:
    entity_id = given.strip().upper()
    foreign = entity_id[:1] == "M" and call.site is call.state.items
    if foreign or not _ID.fullmatch(entity_id):
        raise errors.no_such_entity(given)
    return entity_id


def _entity(call: Call, entity_id: str, props: set[str]) -> Json:
    site = call.state.commons if entity_id[0] == "M" else call.state.items
    found = site.entity(site.resolve(entity_id))
    if found is None:
        return {"id": entity_id, "missing": ""}
    told: Json = {"type": found["type"], "id": found["id"]}
    if "info" in props:
        told |= _info(call, found["id"])
    if found["id"] != entity_id:
        told["redirects"] = {"from": entity_id, "to": found["id"]}
    return told | (_media_info(found, props) if entity_id[0] == "M" else _item(call, found, props))


def _info(call: Call, entity_id: str) -> Json:
    """Where the entity lives; one of the other site's is told as a foreign page."""
    site = call.state.commons if entity_id[0] == "M" else call.state.items
    page = site.entity_page(entity_id)
    assert page is not None
    latest = site.latest(page)
    place: Json = {"pageid": page.id, "ns": page.ns, "title": page.title}
    if site is not call.site:
        place = {"pageid": 0, "ns": -1, "title": f"d:Special:EntityPage/{entity_id}"}
    return place | {"lastrevid": latest.id, "modified": latest.timestamp}


def _media_info(found: Json, props: set[str]) -> Json:
    """Statements come with whatever was asked for, as long as it was something."""
    told: Json = {key: found[key] for key in ("labels", "descriptions") if key in props}
    if props:
        told["statements"] = found["statements"] or []
    return told


def _item(call: Call, found: Json, props: set[str]) -> Json:
    languages = call.values("languages")
    told: Json = {}
    for key in ("labels", "descriptions", "aliases"):
        if key in props:
            told[key] = {
                lang: term
                for lang, term in found[key].items()
                if not languages or lang in languages
            }
    if "claims" in props:
        told["claims"] = with_datatypes(call, found["claims"])
    if "sitelinks" in props and found["type"] == "item":
        told["sitelinks"] = found["sitelinks"]
    if "datatype" in props and found.get("datatype"):
        told["datatype"] = found["datatype"]
    return told


def get_claims(call: Call) -> Json:
    """The claims of an entity, or the one of an id; here they are called claims for all."""
    guid = call.get("claim")
    entity_id = (guid.partition("$")[0] if guid else call.need("entity")).upper()
    site = call.state.commons if entity_id[:1] == "M" else call.state.items
    found = site.entity(entity_id) if _ID.fullmatch(entity_id) else None
    if found is None and entity_id[:1] == "M":
        raise errors.no_such_media_info(entity_id)
    if found is None:
        raise errors.no_such_entity(entity_id)
    groups: dict[str, list[Json]] = {}
    for one in entities.statements(found):
        if _is_wanted(call, one, guid):
            groups.setdefault(one["mainsnak"]["property"], []).append(with_datatypes(call, one))
    return {"claims": groups}


def _is_wanted(call: Call, statement: Json, guid: str) -> bool:
    if guid and statement["id"].upper() != guid.upper():
        return False
    if call.flag("rank") and statement["rank"] != call.get("rank"):
        return False
    return call.get("property") in ("", statement["mainsnak"]["property"])


def with_datatypes(call: Call, given: Any) -> Any:
    """Claims JSON in which every snak names its property's datatype."""
    return entities.with_datatypes(given, call.state.datatype)


# --- words ---------------------------------------------------------------------------------


def search_entities(call: Call) -> Json:
    """Items (or properties) whose label or alias starts with the words, labels first."""
    words, language = call.need("search"), call.need("language")
    prefix = "P" if call.get("type") == "property" else "Q"
    hits = [
        hit
        for page in call.state.items.pages.values()
        if (found := call.state.items.latest(page).entity)
        and found["id"][0] == prefix
        and (hit := _hit(call, found, words, language))
    ]
    hits.sort(key=lambda hit: (hit["match"]["type"] == "alias", hit["label"], hit["id"]))
    start, limit = call.number("continue"), call.limit("limit", "search", 7)
    told: Json = {"searchinfo": {"search": words}, "search": hits[start : start + limit]}
    if len(hits) > start + limit:
        told["search-continue"] = start + limit
    return told | {"success": 1}


def _hit(call: Call, found: Json, words: str, language: str) -> Json | None:
    label = found["labels"].get(language, {}).get("value", "")
    aliases = [row["value"] for row in found["aliases"].get(language, [])]
    matching = [text for text in aliases if text.lower().startswith(words.lower())]
    if label.lower().startswith(words.lower()):
        match = {"type": "label", "language": language, "text": label}
    elif matching:
        match = {"type": "alias", "language": language, "text": matching[0]}
    else:
        return None
    told = _hit_frame(call, found["id"]) | {"label": label, "match": match, "display": {}}
    for kind, key in (("label", "labels"), ("description", "descriptions")):
        term = found[key].get(language)
        if term:
            told[kind] = term["value"]
            told["display"][kind] = {"value": term["value"], "language": language}
    if match["type"] == "alias":
        told["aliases"] = [match["text"]]
    return told


def _hit_frame(call: Call, entity_id: str) -> Json:
    title = f"Special:EntityPage/{entity_id}"
    return {
        "id": entity_id,
        "title": f"d:{title}",
        "pageid": 0,
        "repository": "wikidata",
        "concepturi": f"{call.items}/entity/{entity_id}",
        "url": f"{call.items}/wiki/{title}",
    }


def format_value(call: Call) -> Json:
    """A value as plain text: the label of an entity, anything else as it is."""
    value = json.loads(call.need("datavalue"))["value"]
    if not isinstance(value, dict) or "id" not in value:
        return {"result": str(value)}
    options = json.loads(call.get("options", "{}"))
    found = call.state.items.entity(call.state.items.resolve(value["id"]))
    labels = found["labels"] if found else {}
    return {"result": labels.get(options.get("lang", "en"), {}).get("value", value["id"])}
