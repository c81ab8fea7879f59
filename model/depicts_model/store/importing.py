"""Outcomes that were worked out elsewhere, of files as they were then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from depicts_model.store import files, queue, schema, told
from depicts_model.store.chunks import chunks
from depicts_model.store.files import Pair, Results
from depicts_model.store.transactions import Transactions
from depicts_model.types import Mid

_FILE: Final = schema.file.c


class Importing(Transactions):
    """What nobody looked at in the meantime."""

    def import_batch(self, run_id: int, model_version: str, results: Results) -> Results:
        """Keep those of these outcomes that tell something new: all of them, or none.

        Left alone is a file of which a newer revision is known, one that is gone, and a content
        that this model has a final outcome of. Returns what was kept. Requests for it end.
        """

        def save(connection: sa.Connection) -> Results:
            told.lock(connection, sorted({file.mid for file, _ in results}))
            mine = _news(connection, model_version, results)
            files.add_outcomes(connection, run_id, model_version, mine, datetime.now(UTC))
            queue.dequeue(connection, {file.mid for file, _ in mine})
            return mine

        return self._write(save)


def _news(connection: sa.Connection, version: str, results: Results) -> Results:
    pairs = [(file.mid, file.sha1) for file, _ in results]
    final = files.final_pairs(connection, version, pairs)
    newest = _newest_revisions(connection, results)
    mine = [
        (file, outcome)
        for file, outcome in results
        if 0 < newest[file.mid] <= file.revision and (file.mid, file.sha1) not in final
    ]
    return _with_thumbnails(connection, mine)


def _newest_revisions(connection: sa.Connection, results: Results) -> dict[str, int]:
    """Of each file the newest revision, known or here; 0 where its page is gone."""
    found = _known_revisions(connection, sorted({file.mid for file, _ in results}))
    for file, _ in results:
        known = found.setdefault(file.mid, file.revision)
        found[file.mid] = known and max(known, file.revision)
    return found


def _with_thumbnails(connection: sa.Connection, results: Results) -> Results:
    """Who looked at a copy of the file knows no address; the one that is known stays."""
    bare = [(file.mid, file.sha1) for file, _ in results if not file.thumb_url]
    known = _known_thumbnails(connection, bare)
    return [
        (replace(file, thumb_url=file.thumb_url or known.get((file.mid, file.sha1), "")), outcome)
        for file, outcome in results
    ]


def _known_revisions(connection: sa.Connection, mids: Sequence[Mid]) -> dict[str, int]:
    """Of each file that is known the newest revision; 0 where its page is gone."""
    gone = sa.func.max(sa.case((_FILE.revision == 0, 1), else_=0)) == 1
    newest = sa.case((gone, 0), else_=sa.func.max(_FILE.revision))
    query = sa.select(_FILE.mid, newest).group_by(_FILE.mid)
    rows = (connection.execute(query.where(_FILE.mid.in_(part))) for part in chunks(mids))
    return {mid: revision for found in rows for mid, revision in found}


def _known_thumbnails(connection: sa.Connection, pairs: Sequence[Pair]) -> dict[Pair, str]:
    """The addresses of those of ``pairs`` (mid, sha1) of which one is known."""
    query = sa.select(_FILE.mid, _FILE.sha1, _FILE.thumb_url).where(_FILE.thumb_url != "")
    mids = chunks(sorted({mid for mid, _ in pairs}))
    rows = (row for part in mids for row in connection.execute(query.where(_FILE.mid.in_(part))))
    known = {(mid, sha1): address for mid, sha1, address in rows}
    return {pair: known[pair] for pair in pairs if pair in known}
