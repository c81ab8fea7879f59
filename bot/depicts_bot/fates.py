"""What became of claims of ours, as the wiki tells now: of statements, never of people.

Two questions for as many claims as one request may name: the edits that made them, with their tags
and what they saved, and what the files say today. Nothing here sees who made an edit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from depicts_bot.context import read_entities
from depicts_bot.revisions import media_info, pages_of
from depicts_bot.wiki import Json, Wiki
from depicts_model.claims import DEPICTS, statement_items, statements_of
from depicts_model.types import Claim, Fate

REVERTED: Final = "mw-reverted"
"""MediaWiki's tag of an edit that an undo, a rollback or an edit by hand took back."""


def fates(wiki: Wiki, claims: Sequence[Claim]) -> dict[Claim, Fate]:
    """What became of each; ``claims``: as many as one request may name. Raises WikiError."""
    edits = _edits(wiki, [claim.revision for claim in claims])
    pages = sorted({int(claim.mid[1:]) for claim in claims})
    entities = read_entities(wiki, pages)
    return {one: _fate(one, edits.get(one.revision), entities.get(one.mid, {})) for one in claims}


def _edits(wiki: Wiki, revisions: Iterable[int]) -> dict[int, Json]:
    """Those that are there still; of a deleted page none is."""
    pages = pages_of(wiki, revisions, "ids|tags|content", rvslots="mediainfo")
    return {row["revid"]: row for page in pages for row in page.get("revisions", [])}


def _fate(claim: Claim, edit: Json | None, entity: Json) -> Fate:
    statements = {one["id"]: one for one in statements_of(entity).get(DEPICTS, [])}
    if edit is not None and REVERTED in edit.get("tags", ()):
        return Fate.REVERTED
    if claim.statement in statements:
        saved = _saved(claim, edit)
        return _compared(claim, saved, statements[claim.statement], entity)
    # the same by another statement: a racer's, in whose favour the gadget took ours back
    if claim.qid in statement_items(entity).values():
        return Fate.STANDING
    return Fate.DELETED if edit is None else Fate.REVERTED


def _saved(claim: Claim, edit: Json | None) -> Json | None:
    """The statement as it was saved; None where nobody may see that any more."""
    entity = media_info(edit) if edit else None
    found = statements_of(entity or {}).get(DEPICTS, [])
    return next((one for one in found if one["id"] == claim.statement), None)


def _compared(claim: Claim, saved: Json | None, now: Json, entity: Json) -> Fate:
    if saved is None:
        same = statement_items(entity).get(claim.statement) == claim.qid
    else:
        same = _meaning(saved) == _meaning(now)
    return Fate.STANDING if same else Fate.CHANGED


def _meaning(statement: Json) -> tuple[Any, ...]:
    """Value, rank and qualifiers; a reference more or less says the same."""
    # none is [] in a revision's content
    qualifiers: Mapping[str, list[Json]] = statement.get("qualifiers") or {}
    told = {prop: sorted(map(_value, snaks)) for prop, snaks in qualifiers.items()}
    return _value(statement["mainsnak"]), statement["rank"], told


def _value(snak: Json) -> tuple[str, str]:
    value = snak.get("datavalue", {}).get("value")
    return snak["snaktype"], json.dumps(value, sort_keys=True)
