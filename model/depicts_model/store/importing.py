"""Outcomes that were worked out elsewhere, of files as they were then."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from depicts_model.store import files, queue, told
from depicts_model.store.files import Results
from depicts_model.store.transactions import Transactions


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
    newest = files.newest_revisions(connection, sorted({mid for mid, _ in pairs}))
    return [
        (file, outcome)
        for file, outcome in results
        if 0 < newest.get(file.mid, file.revision) <= file.revision
        and (file.mid, file.sha1) not in final
    ]
