"""The tables, as SQLAlchemy Core; ``migrations`` builds them, a test compares the two.

Texts that take part in a key stay under 191 characters: utf8mb4 in MariaDB's oldest row format.
Collations are binary there, as SQLite's are: ``M2`` and ``m2`` differ.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect

ID: Final = 13
"""Characters of the longest item or MediaInfo id."""
SHA1: Final = 40
VERSION: Final = 64
KEY: Final = 64
SOURCE: Final = 128
USED: Final = 80
"""Characters of all verdicts' words, one after another."""
FATE: Final = 16
NAME: Final = 64
"""Characters of the longest name of a lease, a note or a route, and of a statement's id."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC to the microsecond; a naive one is refused."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """MariaDB drops the fraction of a second unless told otherwise."""
        kind = mysql.DATETIME(fsp=6) if dialect.name in ("mysql", "mariadb") else sa.DateTime()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, without zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone: {value.isoformat()}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


NEWEST: Final = "0005"
"""The newest revision of ``migrations``: known without reading them."""
version: Final = sa.table("alembic_version", sa.column("version_num", sa.String))
"""Where Alembic keeps the revision that a database is at."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, *parts, mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


run = _table(
    "run",
    _id(),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("version", sa.String(VERSION), nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("started", UtcDateTime, nullable=False),
    sa.Column("finished", UtcDateTime),
    sa.Column("counts", sa.JSON),
)

file = _table(
    "file",
    _id(),
    sa.Column("mid", sa.String(ID), nullable=False),
    sa.Column("sha1", sa.String(SHA1), nullable=False),
    sa.Column("title", sa.String(512), nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("uploaded", UtcDateTime, nullable=False),
    sa.Column("thumb_url", sa.Text, nullable=False),
    sa.UniqueConstraint("mid", "sha1"),
)

outcome = _table(
    "outcome",
    _id(),
    sa.Column("file_id", sa.ForeignKey("file.id"), nullable=False),
    sa.Column("run_id", sa.ForeignKey("run.id"), nullable=False, index=True),
    sa.Column("model_version", sa.String(VERSION), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32)),
    sa.Column("error", sa.Text),
    sa.Column("retry_after", sa.Double),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.UniqueConstraint("file_id", "model_version"),
    # failures are few: those to be tried again are found without the rest
    sa.Index("ix_outcome_due", "kind", "model_version", "at"),
)

suggestion = _table(
    "suggestion",
    _id(),
    sa.Column("outcome_id", sa.ForeignKey("outcome.id", ondelete="CASCADE"), nullable=False),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    sa.Column("qid", sa.String(ID), nullable=False),
    sa.Column("confidence", sa.Double, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("more_general", sa.JSON, nullable=False),
    sa.Column("more_specific", sa.JSON, nullable=False),
    sa.UniqueConstraint("outcome_id", "rank"),
    sa.Index(None, "qid", "outcome_id", "confidence"),
)

# which outcome is told of a file, with what it is looked for by; written with the outcome
told = _table(
    "told",
    sa.Column("mid", sa.String(ID), primary_key=True),
    # empty inside a transaction only
    sa.Column("outcome_id", sa.ForeignKey("outcome.id"), unique=True),
    sa.Column("kind", sa.String(16)),
    sa.Column("confidence", sa.Double),
    # what a second look is chosen by: the outcome's model, the file's upload, when it was last
    # compared with the wiki, whether or not that came to another outcome
    sa.Column("model_version", sa.String(VERSION)),
    sa.Column("uploaded", UtcDateTime),
    sa.Column("looked", UtcDateTime),
    sa.Index(None, "kind", "outcome_id", "confidence"),
    sa.Index("ix_told_looked", "kind", "model_version", "looked"),
    sa.Index("ix_told_uploaded", "kind", "model_version", "uploaded"),
)

decision = _table(
    "decision",
    _id(),
    sa.Column("mid", sa.String(ID), nullable=False),
    sa.Column("sha1", sa.String(SHA1), nullable=False),
    sa.Column("qid", sa.String(ID), nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("key", sa.String(KEY), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("revision", sa.BigInteger),
    sa.Column("model_version", sa.String(VERSION), nullable=False),
    sa.Column("confidence", sa.Double),
    sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.false()),
    # when the token was made; empty in rows of an older service
    sa.Column("issued", UtcDateTime),
    # every verdict that was said under the key, and a mark once a revision was
    sa.Column("used", sa.String(USED), nullable=False, server_default=""),
    sa.UniqueConstraint("mid", "sha1", "qid", "key"),
    sa.Index(None, "qid"),
    # few rows have a revision: it is cleared as soon as it was looked at
    sa.Index(None, "revision", "mid"),
    # each holds all that its question asks for, of verdicts behind which an edit stands
    sa.Index("ix_decision_refused", "verdict", "confirmed", "sha1", "qid", "revision"),
    sa.Index("ix_decision_aged", "verdict", "confirmed", "at"),
)

request = _table(
    "request",
    _id(),
    sa.Column("mid", sa.String(ID), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("not_before", UtcDateTime),
    sa.UniqueConstraint("mid"),
    sa.Index(None, "priority", "id"),
)

checkpoint = _table(
    "checkpoint",
    sa.Column("source", sa.String(SOURCE), primary_key=True),
    sa.Column("value", sa.String(255), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

lease = _table(
    "lease",
    sa.Column("name", sa.String(NAME), primary_key=True),
    sa.Column("holder", sa.String(NAME), nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
)

note = _table(
    "note",
    sa.Column("name", sa.String(NAME), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

claim = _table(
    "claim",
    _id(),
    sa.Column("mid", sa.String(ID), nullable=False),
    sa.Column("qid", sa.String(ID), nullable=False),
    sa.Column("statement", sa.String(NAME), nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("model_version", sa.String(VERSION), nullable=False),
    # whether a verdict told of its edit
    sa.Column("matched", sa.Boolean, nullable=False, server_default=sa.false()),
    # with which its item was offered; empty where it was not, or by an older schema
    sa.Column("confidence", sa.Double),
    # what became of it so many days after its save; empty until it was looked at
    sa.Column("after_7", sa.String(FATE)),
    sa.Column("after_30", sa.String(FATE)),
    sa.UniqueConstraint("mid", "qid", "revision"),
    # few are due: they are found without the rest
    sa.Index(None, "after_7", "at"),
    sa.Index(None, "after_30", "at"),
)

refusal = _table(
    "refusal",
    sa.Column("sha1", sa.String(SHA1), primary_key=True),
    sa.Column("qid", sa.String(ID), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "state", "at"),
)

pause = _table(
    "pause",
    sa.Column("qid", sa.String(ID), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("saved", sa.Integer, nullable=False),
    sa.Column("reverted", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

latency = _table(
    "latency",
    sa.Column("hour", UtcDateTime, primary_key=True),
    sa.Column("route", sa.String(NAME), primary_key=True),
    sa.Column("bucket", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("count", sa.Integer, nullable=False),
)
