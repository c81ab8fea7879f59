"""The threads of one program ask the wiki one after another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from types import SimpleNamespace
from typing import Any, Final

from depicts_bot.site import LoggedIn
from depicts_bot.turns import Turns
from depicts_model.store import Store

PATIENCE: Final = 0.3
"""Seconds that one waits inside for the other: nobody who may come in takes as long."""


def meet(work: Callable[[Callable[[], None]], object]) -> bool:
    """Whether two threads that do ``work`` are both inside, which it tells by what it is given."""
    barrier, came, met = Barrier(2), list[int](), list[int]()

    def inside() -> None:
        came.append(1)
        with suppress(BrokenBarrierError):
            met.append(barrier.wait(PATIENCE))

    with ThreadPoolExecutor(2) as pool:
        for thread in [pool.submit(work, inside) for _ in range(2)]:
            thread.result()
    assert len(came) == 2
    return bool(met)


def test_two_who_are_not_kept_apart_meet() -> None:
    """Or the tests below would say nothing."""
    assert meet(lambda inside: inside())


def test_a_wiki_is_asked_by_one_thread_at_a_time() -> None:
    told: list[Callable[[], None]] = []

    def submit() -> dict[str, Any]:
        told[0]()
        return {"query": {}}

    site = SimpleNamespace(simple_request=lambda **_: SimpleNamespace(submit=submit))
    wiki = LoggedIn(site, "http://wiki.test/w/api.php")

    def ask(inside: Callable[[], None]) -> None:
        told.append(inside)
        assert wiki.ask(action="query") == {"query": {}}

    assert not meet(ask)


def test_a_turn_of_the_program_is_that_of_one_thread(tmp_path: Path) -> None:
    """The store knows them by one name, so it would take one for the other."""
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        turns = Turns(store)

        def take(inside: Callable[[], None]) -> None:
            with turns.taken():
                inside()

        assert not meet(take)
