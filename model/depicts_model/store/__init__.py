"""What happens: files seen, outcomes, suggestions, decisions, the request queue, runs.

Rules of this package:

- SQLAlchemy Core only, portable between SQLite and MariaDB; what differs lives in ``engine``
  (connections) and ``upsert``. No SQL text elsewhere.
- Everything that one method writes is one transaction: all of it, or nothing.
- Only ``StoreError`` leaves this package, one line that names the database.
- The schema changes by a new revision in ``migrations/versions``; an old one is never edited.
- Nothing personal is stored: no user name, no address, no text that a reader typed.
- It imports neither ``catalog`` nor ``wiki`` nor anything above.
"""

from depicts_model.store.browsing import OutcomeFilter, OutcomePage
from depicts_model.store.outcomes import StoredOutcome
from depicts_model.store.store import BOT_RUN, Store

__all__ = ["BOT_RUN", "OutcomeFilter", "OutcomePage", "Store", "StoredOutcome"]
