"""A depicts statement as an editor makes it; the product itself writes none."""

from __future__ import annotations

from depicts_model.claims import DEPICTS, Json
from depicts_model.types import Qid


def depicts_claim(qid: Qid, rank: str = "normal") -> Json:
    """A new depicts statement for ``wbeditentity``'s ``claims`` list."""
    value = {"entity-type": "item", "id": qid, "numeric-id": int(qid[1:])}
    snak = {
        "snaktype": "value",
        "property": DEPICTS,
        "datavalue": {"type": "wikibase-entityid", "value": value},
    }
    return {"type": "statement", "rank": rank, "mainsnak": snak}
