"""Who may be the worker: one at a time, and only while the work goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from depicts_bot import serving, site
from depicts_bot.leases import HUNG, Lease
from depicts_bot.work import now
from depicts_model.errors import StoreError
from depicts_model.store import Store
from depicts_model.wiki import thumbnails


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


@pytest.mark.slow
def test_one_worker_at_a_time(store: Store) -> None:
    """The second gets the lease when the first gives it back, or stops renewing it."""
    first, second = Lease(store, 0.6, 0.1), Lease(store, 0.6, 0.1)
    stop, order = threading.Event(), list[str]()

    def wait() -> None:
        with second.held(stop) as ours:
            order.append("second" if ours else "stopped")

    with first.held(stop) as ours:
        assert ours
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(1.0)
        assert first.ours and not second.ours, "it is renewed"
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]

    second = Lease(store, 3600, 0.1)
    assert store.hold("worker", "one that was killed", now(), 3600)
    thread = threading.Thread(target=wait)
    thread.start()
    stop.set()
    thread.join(5)
    assert order[-1] == "stopped"


@pytest.mark.slow
def test_a_worker_that_hangs_is_replaced_and_is_not_taken_for_alive(store: Store) -> None:
    hanging = Lease(store, 0.4, 0.05, {"model": "x"}, hung=0.5)
    with hanging.held(threading.Event()), Lease(store, 0.4, 0.05).held(threading.Event()) as ours:
        assert ours and not hanging.ours
        # the one that hung comes to life: it has lost its right for good
        hanging.progress()
        last = store.noted("worker")
        time.sleep(0.3)
        assert not hanging.ours and store.noted("worker") == last


@pytest.mark.slow
def test_a_worker_that_only_loads_for_long_keeps_its_lease(store: Store) -> None:
    loading = Lease(store, 0.4, 0.05, hung=0.1)
    with loading.held(threading.Event()):
        time.sleep(1.0)
        assert loading.ours


def test_each_thing_that_the_worker_waits_for_is_shorter_than_a_hang() -> None:
    (retries, _), (longest, silence) = site._HASTY, site._LONGEST_HASTY
    assert (retries + 1) * (site._CONNECT + silence) + retries * longest < HUNG
    assert thumbnails.DEADLINE + thumbnails.TIMEOUT[1] < HUNG
    assert max(serving.PATIENCE) < HUNG


def test_a_database_that_is_away_for_a_moment_loses_no_lease(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lease = Lease(store, 5, 0.05)
    lease.beat = {"model": "x"}
    with lease.held(threading.Event()):
        with monkeypatch.context() as patch:
            patch.setattr(store, "hold", _away)
            time.sleep(0.3)
        assert lease.ours
        time.sleep(0.2)
        assert store.noted("worker")
    assert not lease.ours
    assert "error: the database is away" in capsys.readouterr().err


def _away(*_: object) -> bool:
    raise StoreError("the database is away")
