"""People's decisions on what they were offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import claims, schema, told
from depicts_model.store.chunks import chunks
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import Decision, Mid, Qid, Verdict

_DECISION: Final = schema.decision.c
_FILE: Final = schema.file.c
_OUTCOME: Final = schema.outcome.c
_SUGGESTION: Final = schema.suggestion.c
_KEY: Final = ("mid", "sha1", "qid", "key")
_TOLD: Final = ("verdict", "at", "revision", "model_version", "confidence", "confirmed")

Row = dict[str, Any]
Place = tuple[str, str, str]


class Verdicts(Transactions):
    """Decisions, each once, and nothing of the people who made them."""

    def add_decisions(self, key: str, decisions: Sequence[Decision], model_version: str) -> int:
        """Keep people's decisions; returns how many are new or changed.

        Under one key an item of a file has one verdict, the last. A replay adds nothing; a
        revision that follows later is added to its verdict. With which confidence an item was
        offered is looked up here, and an accepted item is confirmed where its claim was found.
        """
        return self._write(_add_decisions, key, decisions, model_version)

    def decisions(self, mid: Mid) -> list[Decision]:
        """What people decided about a file, oldest first."""
        return self._read(_decisions_on, mid)


def _add_decisions(
    connection: sa.Connection, key: str, decisions: Sequence[Decision], version: str
) -> int:
    mids = sorted({decision.mid for decision in decisions})
    told.lock(connection, mids)
    news = _news(decisions, _with_key(connection, key), key, version)
    offered = _offered(connection, mids, version)
    found = claims.found_on(connection, mids)
    for place, row in news.items():
        row["confidence"] = offered.get(place)
        accepted = row["verdict"] == Verdict.ACCEPTED.value
        row["confirmed"] = accepted and (row["mid"], row["qid"]) in found
    upsert(connection, schema.decision, list(news.values()), _KEY, *_TOLD)
    return len(news)


def _news(
    decisions: Sequence[Decision], known: dict[Place, Row], key: str, version: str
) -> dict[Place, Row]:
    """Rows of what is new or says more than what is known."""
    news: dict[Place, Row] = {}
    for decision in decisions:
        row = _row(decision, key, version)
        place = row["mid"], row["sha1"], row["qid"]
        before = news.get(place) or known.get(place)
        if before is None or before["verdict"] != row["verdict"]:
            news[place] = row
        elif row["revision"] not in (None, before["revision"]):
            news[place] = {**before, "revision": row["revision"]}
    return news


def _with_key(connection: sa.Connection, key: str) -> dict[Place, Row]:
    columns = [column for column in schema.decision.columns if column.name != "id"]
    rows = connection.execute(sa.select(*columns).where(_DECISION.key == key)).mappings()
    return {(row["mid"], row["sha1"], row["qid"]): dict(row) for row in rows}


def _offered(connection: sa.Connection, mids: Sequence[Mid], version: str) -> dict[Place, float]:
    """The confidence of each item that this model suggested for these files."""
    query = sa.select(_FILE.mid, _FILE.sha1, _SUGGESTION.qid, _SUGGESTION.confidence)
    query = query.select_from(schema.file.join(schema.outcome).join(schema.suggestion))
    query = query.where(_OUTCOME.model_version == version)
    found: dict[Place, float] = {}
    for part in chunks(mids):
        for row in connection.execute(query.where(_FILE.mid.in_(part))):
            found[row.mid, row.sha1, row.qid] = row.confidence
    return found


def _row(decision: Decision, key: str, version: str) -> Row:
    return {
        "mid": decision.mid,
        "sha1": decision.sha1,
        "qid": decision.qid,
        "verdict": decision.verdict.value,
        "key": key,
        "at": decision.at,
        "revision": decision.revision,
        "model_version": version,
    }


def _decisions_on(connection: sa.Connection, mid: Mid) -> list[Decision]:
    query = sa.select(schema.decision).where(_DECISION.mid == mid)
    rows = connection.execute(query.order_by(_DECISION.at, _DECISION.id))
    return [_decision(row) for row in rows]


def _decision(row: Any) -> Decision:
    verdict, told = Verdict(row.verdict), (row.revision, row.confidence, row.confirmed)
    return Decision(Mid(row.mid), row.sha1, Qid(row.qid), verdict, row.at, *told)
