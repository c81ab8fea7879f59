"""What happens: files seen, outcomes, suggestions, decisions, claims, the request queue, runs.

Rules of this package:

- SQLAlchemy Core only, portable between SQLite and MariaDB; what differs lives in ``engine``
  (connections), ``transactions`` (errors) and ``upsert``. No SQL text elsewhere.
- Everything that one method writes is one transaction: all of it, or nothing. Its work may be
  done twice (a deadlock, a lost connection), so it keeps no state outside the connection.
- Rows are locked in one order: files (``told``) first, each table's rows by their key.
- Only ``StoreError`` leaves this package, one line that names the database.
- The schema changes by a new revision in ``migrations/versions``; an old one is never edited.
- Nothing personal is stored: no user name, no address, no text that a reader typed.
- It imports neither ``catalog`` nor ``wiki`` nor anything above.
"""

from depicts_model.store.browsing import OutcomeFilter, OutcomePage
from depicts_model.store.engine import ANSWER_SECONDS, JOB_SECONDS
from depicts_model.store.outcomes import StoredOutcome
from depicts_model.store.queue import AGAIN, ON_DEMAND
from depicts_model.store.runs import BOT_RUN
from depicts_model.store.store import Store

__all__ = [
    "AGAIN",
    "ANSWER_SECONDS",
    "BOT_RUN",
    "JOB_SECONDS",
    "ON_DEMAND",
    "OutcomeFilter",
    "OutcomePage",
    "Store",
    "StoredOutcome",
]
