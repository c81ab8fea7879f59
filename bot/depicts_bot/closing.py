"""The record of a run, a harvest or a job: closed however it ends, unless it is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from depicts_model.errors import StoreError
from depicts_model.store import Store


@contextmanager
def closed(store: Store, run: int, counts: Callable[[], Mapping[str, int]]) -> Iterator[None]:
    """Close the record ``run``; after an error or Ctrl-C with what was counted until then."""
    try:
        yield
    except BaseException:
        with suppress(StoreError):
            store.finish_run(run, counts())
        raise
    store.finish_run(run, counts())
