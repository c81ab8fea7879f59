"""Writing entities: one function for each module of Wikibase."""

from __future__ import annotations

import json
from typing import Any

from .. import entity as entities
from .. import errors
from . import saving
from .call import Call
from .checks import check_claim, check_items
from .read import with_datatypes
from .saving import Draft, Saved

Json = dict[str, Any]


def create_claim(call: Call) -> Json:
    """``wbcreateclaim``: one more statement; that the value is there already does not matter."""
    draft = saving.load(call, call.need("entity").upper())
    given = _snak_of(call, call.need("property"))
    made = entities.statement(
        {"mainsnak": given}, draft.site.new_guid(draft.entity_id), call.state.datatype
    )
    check_items(call, made)
    saved = saving.save(
        draft,
        entities.with_statement(draft.entity, made),
        saving.comment_of(call, "create:1|", subject(made["mainsnak"])),
    )
    return _claim_answer(call, saved, made)


def set_claim(call: Call) -> Json:
    """``wbsetclaim``: a statement under the id that the client gave it, new or not."""
    given = _json(call.need("claim"))
    guid = given.get("id") if isinstance(given, dict) else None
    if not guid:
        raise errors.invalid_claim("GUID must be set when setting a claim")
    entities.check_guid(guid)
    draft = saving.load(call, guid.partition("$")[0].upper())
    made = check_claim(call, given, guid)
    known = entities.find(draft.entity, guid)
    if call.flag("ignoreduplicatemainsnak") and not known and _has_value(draft.entity, made):
        call.warn(call.action, "Duplicate main snak detected. Statement not added.")
        return {}
    action = "update:2||1" if known else "create:2||1"
    saved = saving.save(
        draft,
        entities.with_statement(draft.entity, made),
        saving.comment_of(call, action, subject(made["mainsnak"])),
    )
    return _claim_answer(call, saved, made)


def remove_claims(call: Call) -> Json:
    """``wbremoveclaims``: statements of one entity, by their ids."""
    guids = call.values("claim")
    entity_ids = {guid.partition("$")[0].upper() for guid in guids}
    if len(entity_ids) != 1:
        raise errors.invalid_guid()
    draft = saving.load(call, entity_ids.pop())
    found = [entities.find(draft.entity, guid) for guid in guids]
    if None in found:
        raise errors.invalid_guid()
    changed = draft.entity
    for guid in guids:
        changed = entities.without_statement(changed, guid)
    told = ", ".join(subject(one["mainsnak"]) for one in found if one)
    comment = saving.comment_of(call, f"remove:{len(guids)}|", told)
    saved = saving.save(draft, changed, comment)
    return {**_page_info(saved), "claims": guids}


def set_reference(call: Call) -> Json:
    """``wbsetreference``: adds one, or replaces that of hash ``reference``."""
    draft, old = _statement_of(call, call.need("statement"))
    made = entities.reference({"snaks": _json(call.need("snaks"))}, call.state.datatype)
    replaced = {call.get("reference"), made["hash"]}
    kept = [one for one in old.get("references", []) if one["hash"] not in replaced]
    new = {**old, "references": [*kept, made]}
    check_items(call, new)
    saved = saving.save(
        draft,
        entities.with_statement(draft.entity, new),
        saving.comment_of(call, "add:2|", subject(old["mainsnak"])),
    )
    return {**_page_info(saved), "reference": with_datatypes(call, made)}


def set_qualifier(call: Call) -> Json:
    """``wbsetqualifier``: adds one, or replaces that of hash ``snakhash``."""
    draft, old = _statement_of(call, call.need("claim"))
    prop = call.need("property")
    made = entities.snak(_snak_of(call, prop), call.state.datatype)
    groups = dict(old.get("qualifiers", {}))
    kept = [one for one in groups.get(prop, []) if one["hash"] != call.get("snakhash")]
    qualifiers = {**groups, prop: [*kept, made]}
    new = {**old, "qualifiers": qualifiers, "qualifiers-order": list(qualifiers)}
    check_items(call, new)
    saved = saving.save(
        draft,
        entities.with_statement(draft.entity, new),
        saving.comment_of(call, "add:1|", subject(made)),
    )
    return _claim_answer(call, saved, new)


def set_label(call: Call) -> Json:
    return _set_term(call, "labels")


def set_description(call: Call) -> Json:
    return _set_term(call, "descriptions")


def edit_entity(call: Call) -> Json:
    """``wbeditentity``: several changes in one edit; the key ``statements`` is passed over."""
    _check_target(call)
    data = _json(call.need("data"))
    if not isinstance(data, dict):
        raise errors.invalid_json()
    draft = saving.load(call, call.need("id").upper())
    start = entities.empty(draft.entity_id) if call.flag("clear") else draft.entity
    changed = _edited(call, draft, start, data)
    action = "override" if call.flag("clear") else "update:0|"
    saved = saving.save(draft, changed, saving.comment_of(call, action), early=True)
    told = _whole(changed) | {"lastrevid": saved.revision.id}
    if not saved.changed:
        told["nochange"] = ""
    return {"entity": told, "success": 1}


def subject(snak: Json) -> str:
    """Property and value of a snak, as comments link them."""
    unknown = {"somevalue": "unknown value", "novalue": "no value"}
    value = snak.get("datavalue", {}).get("value")
    if isinstance(value, dict) and "id" in value:
        told = f"[[d:Special:EntityPage/{value['id']}]]"
    else:
        told = unknown.get(snak["snaktype"], str(value))
    return f"[[d:Special:EntityPage/{snak['property']}]]: {told}"


# --- the parts -----------------------------------------------------------------------------


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise errors.invalid_json() from None


def _snak_of(call: Call, prop: str) -> Json:
    """The snak that the parameters snaktype, property and value describe."""
    datatype = call.state.datatype(prop)
    if datatype is None:
        raise errors.unnamed_entity()
    kind = call.need("snaktype")
    if kind != "value":
        return {"snaktype": kind, "property": prop}
    try:
        value = json.loads(call.need("value"))
    except ValueError:
        raise errors.invalid_snak() from None
    data = {"value": value, "type": entities.value_type(datatype)}
    return {"snaktype": kind, "property": prop, "datavalue": data}


def _statement_of(call: Call, guid: str) -> tuple[Draft, Json]:
    draft = saving.load(call, guid.partition("$")[0].upper())
    found = entities.find(draft.entity, guid)
    if found is None:
        raise errors.invalid_guid()
    return draft, found


def _has_value(entity: Json, statement: Json) -> bool:
    wanted = statement["mainsnak"]["hash"]
    return any(one["mainsnak"]["hash"] == wanted for one in entities.statements(entity))


def _check_target(call: Call) -> None:
    if call.flag("site"):
        raise errors.unknown_value("site", call.get("site"))
    if call.flag("new") and not call.flag("id"):
        kind = call.get("new")
        raise errors.wikibase(
            "no-automatic-entity-id",
            *[f"Cannot automatically assign ID: {kind} entities do not support automatic IDs!"] * 2,
        )


def _edited(call: Call, draft: Draft, entity: Json, data: Json) -> Json:
    for key in ("labels", "descriptions"):
        terms = data.get(key) or {}
        rows = list(terms.values() if isinstance(terms, dict) else terms)
        if not all(isinstance(row, dict) and "language" in row for row in rows):
            raise errors.wikibase("not-recognized-string", "A term must name its language")
        entity = entities.with_terms(entity, key, {row["language"]: row for row in rows})
    for given in entities.claims_given(data):
        if not isinstance(given, dict):
            raise errors.invalid_claim("A claim must be an object")
        entity = _with_claim(call, draft, entity, given)
    return entity


def _with_claim(call: Call, draft: Draft, entity: Json, given: Json) -> Json:
    guid = given.get("id") or draft.site.new_guid(draft.entity_id)
    entities.check_guid(guid, draft.entity_id)
    if "remove" not in given:
        return entities.with_statement(entity, check_claim(call, given, guid))
    if entities.find(entity, guid) is None:
        raise errors.invalid_guid()
    return entities.without_statement(entity, guid)


def _set_term(call: Call, key: str) -> Json:
    draft = saving.load(call, call.need("id").upper())
    language, value = call.need("language"), call.get("value").strip()
    old = draft.entity[key].get(language)
    changed = entities.with_terms(draft.entity, key, {language: {"value": value}})
    action = ("set" if old else "add") if value else "remove"
    saved = saving.save(draft, changed, saving.comment_of(call, f"{action}:1|{language}", value))
    term = changed[key].get(language, {"language": language, "removed": ""})
    told = {
        key: {language: term},
        "id": draft.entity_id,
        "type": draft.entity["type"],
        "lastrevid": saved.revision.id,
    }
    return {"entity": told, "success": 1}


def _whole(entity: Json) -> Json:
    """An entity as ``wbeditentity`` gives it back: a MediaInfo without statements has a list."""
    told = {key: value for key, value in entity.items() if key != "datatype" or value}
    if entity["type"] == "mediainfo":
        told["statements"] = entity["statements"] or []
    return told


def _page_info(saved: Saved) -> Json:
    return {"pageinfo": {"lastrevid": saved.revision.id}, "success": 1}


def _claim_answer(call: Call, saved: Saved, claim: Json) -> Json:
    return {**_page_info(saved), "claim": with_datatypes(call, claim)}
