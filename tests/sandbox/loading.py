"""Puts a world's files, entities and log rows into the two sites."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from . import entity as entities
from .hashes import base36
from .namespaces import FILE
from .records import Change, Entry, Page, Revision, StoredFile
from .site import Site
from .world import Blob, World

Json = dict[str, Any]


def load_files(site: Site, world: World) -> None:
    """Every file of the world, uploaded in its first revision; and the world's other log rows."""
    for row in world.files:
        _load_file(site, row, world.blobs.get(row["title"]))
    for row in world.log:
        entry = Entry(
            row["id"],
            row["type"],
            row["action"],
            row["ns"],
            row["title"],
            row.get("page", 0),
            row.get("revid", 0),
            row["user"],
            row["timestamp"],
            row.get("comment", ""),
            row.get("params", {}),
        )
        _log(site, entry, row["rcid"])
    site.count_on(world.counters)
    for old, new in world.moves:
        page = site.page(old)
        assert page is not None, old
        site.move(page, new, "Admin", "a better name")


def _load_file(site: Site, row: Json, blob: Blob | None) -> None:
    when: str = row["timestamp"]
    comment: str = row.get("comment", "sample upload")
    stored = StoredFile(
        when,
        row["user"],
        comment,
        row["size"],
        row["width"],
        row["height"],
        row["sha1"],
        row["mime"],
        row["mediatype"],
        blob,
    )
    page = Page(row["pageid"], row["title"], file=stored, touched=row.get("touched", when))
    first = Revision(
        row["revid"],
        0,
        page.id,
        row["user"],
        row.get("revision_timestamp", when),
        comment,
        row["wikitext"],
        copy.deepcopy(row.get("mediainfo")),
    )
    site.keep(page, first)
    params = {"img_sha1": base36(row["sha1"]), "img_timestamp": when}
    entry = Entry(
        row.get("logid", site.next["log"]),
        "upload",
        "upload",
        FILE,
        page.title,
        page.id,
        first.id,
        row["user"],
        when,
        comment,
        params,
    )
    _log(site, entry, row.get("rcid", site.next["change"]))


def _log(site: Site, entry: Entry, change: int) -> None:
    site.log.append(entry)
    site.changes.append(
        Change(
            change,
            entry.ns,
            entry.title,
            entry.page,
            entry.revid,
            0,
            entry.user,
            entry.timestamp,
            entry.comment,
            log=entry,
        )
    )
    site.count_on({"log": entry.id + 1, "change": change + 1})


def load_entities(site: Site, rows: Mapping[str, Json], counters: Mapping[str, int]) -> None:
    """Items and properties from the seed's short form."""
    page_ids, revision_ids = _free(rows, "pageid"), _free(rows, "revid")
    for entity_id, row in rows.items():
        page = Page(row.get("pageid") or next(page_ids), site.entity_title(entity_id))
        made = entities.empty(entity_id) | {
            "labels": _terms(row["labels"]),
            "descriptions": _terms(row["descriptions"]),
            "aliases": _aliases(row.get("aliases", {})),
            "datatype": row.get("datatype"),
        }
        site.keep(
            page,
            Revision(
                row.get("revid") or next(revision_ids),
                0,
                page.id,
                "Maintenance script",
                row.get("timestamp", site.now()),
                "",
                "",
                made,
            ),
        )
    for entity_id, row in rows.items():
        _load_claims(site, entity_id, row["claims"])
    site.count_on(counters)


def _free(rows: Mapping[str, Json], name: str) -> Iterator[int]:
    """Numbers from 1 on that no row claims for itself."""
    taken = {row[name] for row in rows.values() if name in row}
    return (number for number in count(1) if number not in taken)


def _load_claims(site: Site, entity_id: str, claims: Mapping[str, list[str]]) -> None:
    made = site.entity(entity_id)
    assert made is not None
    for prop, values in claims.items():
        made["claims"][prop] = [
            entities.statement(
                item_claim(prop, value), site.new_guid(entity_id), site.state.datatype
            )
            for value in values
        ]


def item_claim(prop: str, item: str) -> Json:
    """A claim with an item as its value, as a client would send it."""
    value = {"entity-type": "item", "id": item}
    data = {"value": value, "type": "wikibase-entityid"}
    return {"mainsnak": {"snaktype": "value", "property": prop, "datavalue": data}}


def _terms(texts: Mapping[str, str]) -> dict[str, Json]:
    return {language: {"language": language, "value": text} for language, text in texts.items()}


def _aliases(texts: Mapping[str, list[str]]) -> dict[str, list[Json]]:
    return {
        language: [{"language": language, "value": text} for text in some]
        for language, some in texts.items()
    }
