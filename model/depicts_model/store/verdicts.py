"""People's decisions on what they were offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import matching, schema, told
from depicts_model.store.offering import Place, offered
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import Decision, Mid, Qid, Verdict

_DECISION: Final = schema.decision.c
_KEY: Final = ("mid", "sha1", "qid", "key")
_TOLD: Final = ("verdict", "at", "revision", "model_version", "confidence", "confirmed", "used")
_WITH_REVISION: Final = "@"
"""Beside the verdicts used: a revision came with one of them."""
MOST: Final = 1_000
"""Decisions about one file that are told."""

Row = dict[str, Any]


class Verdicts(Transactions):
    """Decisions, each once, and nothing of the people who made them."""

    def add_decisions(self, key: str, decisions: Sequence[Decision], model_version: str) -> int:
        """Keep people's decisions; returns how many are new or changed.

        Under one key an item of a file has one verdict, the last. Each verdict is used once: a
        replay, however late, adds nothing. A revision may follow later, with the same verdict,
        and is set once. With which confidence an item was offered is looked up here, and
        whether a verdict is confirmed.
        """
        return self._write(_add_decisions, key, decisions, model_version)

    def decisions(self, mid: Mid) -> list[Decision]:
        """What people decided about a file, oldest first; of very much the newest."""
        return self._read(_decisions_on, mid)


def _add_decisions(
    connection: sa.Connection, key: str, decisions: Sequence[Decision], version: str
) -> int:
    mids = sorted({decision.mid for decision in decisions})
    told.lock(connection, mids)
    news = _news(decisions, _with_key(connection, key), key, version)
    confidences = offered(connection, mids, version)
    for place, row in news.items():
        row["confidence"] = confidences.get(place)
    upsert(connection, schema.decision, list(news.values()), _KEY, *_TOLD)
    matching.match(connection, mids)
    return len(news)


def _news(
    decisions: Sequence[Decision], known: dict[Place, Row], key: str, version: str
) -> dict[Place, Row]:
    """Rows of what is new or says more than what is known."""
    news: dict[Place, Row] = {}
    for decision in decisions:
        place = decision.mid, decision.sha1, decision.qid
        before = news.get(place) or known.get(place)
        row = _row(decision, key, version)
        if before is None:
            news[place] = row
        elif more := _more(before, row):
            news[place] = {**before, **more}
    return news


def _more(before: Row, row: Row) -> Row:
    """What a further message about the same item says; empty where nothing."""
    used = {*before["used"].split(), *_used(before)}
    more: Row = {}
    if row["verdict"] not in used:
        more = {"verdict": row["verdict"], "at": row["at"], "confirmed": False}
    elif row["verdict"] != before["verdict"]:
        return {}
    if row["revision"] is not None and _WITH_REVISION not in used:
        more |= {"revision": row["revision"], "at": row["at"]}
    return more and more | {"used": " ".join(sorted(used | _used(row)))}


def _used(row: Row) -> set[str]:
    return {row["verdict"]} | ({_WITH_REVISION} if row["revision"] is not None else set())


def _with_key(connection: sa.Connection, key: str) -> dict[Place, Row]:
    columns = [column for column in schema.decision.columns if column.name != "id"]
    rows = connection.execute(sa.select(*columns).where(_DECISION.key == key)).mappings()
    return {(row["mid"], row["sha1"], row["qid"]): dict(row) for row in rows}


def _row(decision: Decision, key: str, version: str) -> Row:
    row: Row = {
        "mid": decision.mid,
        "sha1": decision.sha1,
        "qid": decision.qid,
        "verdict": decision.verdict.value,
        "key": key,
        "at": decision.at,
        "revision": decision.revision,
        "model_version": version,
        "issued": decision.issued,
        "confirmed": False,
    }
    return row | {"used": " ".join(sorted(_used(row)))}


def _decisions_on(connection: sa.Connection, mid: Mid) -> list[Decision]:
    query = sa.select(schema.decision).where(_DECISION.mid == mid)
    query = query.order_by(_DECISION.at.desc(), _DECISION.id.desc()).limit(MOST)
    return [decision_of(row) for row in reversed(connection.execute(query).all())]


def decision_of(row: Any) -> Decision:
    """The decision that a row of the table tells."""
    said = Verdict(row.verdict), row.at, row.revision, row.confidence, row.confirmed, row.issued
    return Decision(Mid(row.mid), row.sha1, Qid(row.qid), *said)
