"""All that happened, counted for the statistics' page and for the report on the wiki."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from depicts_model.catalog import Catalog
from depicts_model.statistics import Statistics, by_class
from depicts_model.store import Store


def counted(store: Store, catalog: Catalog, since: datetime | None = None) -> Statistics:
    """The store's statistics, of what happened since then, with their classes."""
    tallies = store.all_tallies(since)
    classes = by_class(tallies, catalog.ancestors, catalog.never_suggest)
    return replace(store.statistics(since), classes=classes)
