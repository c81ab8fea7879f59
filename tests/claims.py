"""Depicts statements as an editor makes them; the product itself writes none."""

from __future__ import annotations

from depicts_model.claims import DEPICTS, Json
from depicts_model.types import Qid

PART, HEURISTIC = "P518", "P887"
"""Properties: applies to part; based on heuristic."""


def depicts_claim(qid: Qid, rank: str = "normal") -> Json:
    """A new depicts statement for ``wbeditentity``'s ``claims`` list."""
    value = {"entity-type": "item", "id": qid, "numeric-id": int(qid[1:])}
    snak = {
        "snaktype": "value",
        "property": DEPICTS,
        "datavalue": {"type": "wikibase-entityid", "value": value},
    }
    return {"type": "statement", "rank": rank, "mainsnak": snak}


def curated_claim(qid: Qid) -> Json:
    """One that somebody has worked on: preferred, with a qualifier and a reference.

    Whoever writes the statement anew loses them.
    """
    snak = depicts_claim(qid)["mainsnak"]
    return depicts_claim(qid, "preferred") | {
        "qualifiers": {PART: [snak | {"property": PART}]},
        "references": [{"snaks": {HEURISTIC: [snak | {"property": HEURISTIC}]}}],
    }
