"""Faults of the worker: killed at each step, frozen beyond its lease."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from werkzeug.wrappers import Request

from bench.faults_kinds import Fault
from bench.faults_ledger import Seen
from bench.faults_service import locked, waiting
from bench.faults_stand import Stand, frozen, until
from bench.faults_workshop import HURRY, TALL, Hold, Workshop, opened

There = Callable[[], object]
"""Whether the worker stands at the step."""
Step = Callable[[Workshop, int], AbstractContextManager[There]]

_COMMITTING: Final = (
    "SELECT 1 FROM information_schema.processlist p JOIN information_schema.innodb_trx t"
    " ON t.trx_mysql_thread_id = p.id WHERE p.db = DATABASE() AND p.state LIKE 'Waiting for %'"
    " AND t.trx_rows_modified > 3"
)
"""Who waits at the end of a batch; a lease or a note changes fewer rows."""
A_MINUTE: Final = 60.0
TICKS: Final = 4
"""Of the processor's time, in hundredths of a second, that looking has taken."""


def killed(stand: Stand, step: Step, stores: bool = False, number: int | None = None) -> Seen:
    """Kill -9 where the worker stands at ``step``; another one takes it up.

    ``stores``: whether the outcome may be in the store by then.
    """
    shop = opened(stand)
    scene, chosen = shop.scene(), number or shop.file()
    with step(shop, chosen) as there:
        shop.ask(scene, chosen)
        until(there, what="the step")
        taken, stored = shop.taken(chosen), shop.stored(chosen) is not None
        since = shop.kill()
    shop.begin()
    shop.answered(scene, chosen, since)
    took = scene.recovered_s
    scene.logs = tuple(shop.logs[-2:])
    following = shop.file()
    shop.ask(scene, following)
    shop.answered(scene, following)
    scene.recovered_s = took
    right = stored if stores else taken and not stored
    return scene.seen({"it stood at this step": right, **nobody_waits(shop)})


def nobody_waits(shop: Workshop) -> dict[str, bool]:
    """The queue is empty again."""
    query = sa.text("SELECT 1 FROM request")
    engine = sa.create_engine(shop.url, poolclass=sa.NullPool)

    def empty() -> bool:
        with engine.connect() as connection:
            return connection.execute(query).first() is None

    until(empty, what="an empty queue")
    return {"nobody waits any more": empty()}


@contextmanager
def after_taking(shop: Workshop, number: int) -> Iterator[There]:
    """Taken, and nothing asked of the wiki: what is known of the file cannot be read."""
    with locked(shop.stand, shop.url, "told WRITE") as engine:
        yield partial(waiting, engine)


@contextmanager
def at_the_wiki(
    wanted: Callable[[Request, dict[str, str]], bool], shop: Workshop, number: int
) -> Iterator[There]:
    """An answer of the wiki is held back."""
    hold = Hold(wanted)
    with shop.before(hold):
        yield hold.came.is_set


@contextmanager
def linking(shop: Workshop, number: int) -> Iterator[There]:
    """The photo has come, and the worker's processor is at it."""
    hold = Hold(_photo)

    def looks() -> bool:
        if not hold.came.is_set():
            return False
        before = _ticks(shop)
        hold.go.set()
        until(lambda: _ticks(shop) >= before + TICKS, what="work on the photo")
        return True

    with shop.before(hold):
        yield looks


def _ticks(shop: Workshop) -> int:
    pid = shop.workers[-1].pid
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def writing(shop: Workshop, number: int) -> Iterator[There]:
    """The batch is being written: nobody may write to its table."""
    with locked(shop.stand, shop.url, "outcome READ") as engine:
        yield partial(waiting, engine)


@contextmanager
def committing(shop: Workshop, number: int) -> Iterator[There]:
    """The batch is written, and the database takes long to keep it."""
    with ExitStack() as stack:
        tables = stack.enter_context(ExitStack())
        engine = tables.enter_context(locked(shop.stand, shop.url, "outcome READ"))
        blocked: list[sa.Engine] = []

        def there() -> bool:
            if not blocked and waiting(engine):
                blocked.append(stack.enter_context(_no_commits(shop)))
                # what is written goes on to its end, and waits there
                tables.close()
            return bool(blocked) and _committing(blocked[0])

        yield there


@contextmanager
def _no_commits(shop: Workshop) -> Iterator[sa.Engine]:
    """Nobody may commit, as while a backup is taken."""
    address = shop.stand.server.real.url(sa.make_url(shop.url).database or "")
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for stage in ("START", "BLOCK_COMMIT"):
            connection.execute(sa.text(f"BACKUP STAGE {stage}"))
        try:
            yield engine
        finally:
            connection.execute(sa.text("BACKUP STAGE END"))
    engine.dispose()


def _committing(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(sa.text(_COMMITTING)).first() is not None


@contextmanager
def after_storing(shop: Workshop, number: int) -> Iterator[There]:
    """The outcome is in the store."""
    yield lambda: shop.stored(number) is not None


def _photo(request: Request, _params: dict[str, str]) -> bool:
    return "/images/" in request.path


def _entities(_request: Request, params: dict[str, str]) -> bool:
    return params.get("action") == "wbgetentities"


def two(stand: Stand) -> Seen:
    """The worker at work is frozen beyond its lease, and wakes up with a photo in hand."""
    shop = opened(stand)
    scene, number = shop.scene(), shop.file()
    first, holder, hold = shop.workers[-1], shop.holder(), Hold(_photo)
    with shop.before(hold):
        shop.ask(scene, number)
        until(hold.came.is_set, what="the first worker at the photo")
        with frozen(first.pid):
            since = time.monotonic()
            shop.begin()
            until(lambda: shop.holder() not in (None, holder), what="another holder")
            shop.answered(scene, number, since)
            took, run, taker = scene.recovered_s, shop.stored(number), shop.holder()
            hold.go.set()
        until(lambda: _closed(shop), what="the end of its run")
    following = shop.file()
    shop.ask(scene, following)
    shop.answered(scene, following)
    scene.recovered_s, scene.logs = took, tuple(shop.logs[-2:])
    checks = {
        "the frozen one stored nothing": shop.stored(number) == run,
        "the lease stayed with the other": shop.holder() == taker,
        **nobody_waits(shop),
    }
    if first.poll() is None:
        first.kill()
        first.wait()
    return scene.seen(checks)


def without_database(stand: Stand) -> Seen:
    """Kill -9 of mariadbd while the worker fetches a photo, until its lease has run out."""
    shop = opened(stand)
    scene, number, worker, hold = shop.scene(), shop.file(), shop.workers[-1], Hold(_photo)
    with shop.before(hold):
        shop.ask(scene, number)
        until(hold.came.is_set, what="the worker at the photo")
        stand.server.real.stop(kill=True)
    until(lambda: _complaints(shop) > 2, what="a worker that misses the database")
    time.sleep(HURRY)
    stand.server.real.start()
    shop.answered(scene, number)
    took, following = scene.recovered_s, shop.file()
    shop.ask(scene, following)
    shop.answered(scene, following)
    scene.recovered_s = took
    return scene.seen({"the same worker": worker.poll() is None, **nobody_waits(shop)})


def _complaints(shop: Workshop) -> int:
    return shop.logs[-1].read_text(encoding="utf-8").count("error: ")


def _closed(shop: Workshop) -> bool:
    """Whether the worker before the last one said that its run is over."""
    return "\nrun " in shop.logs[-2].read_text(encoding="utf-8")


def _step(name: str, step: Step, stores: bool = False, number: int | None = None) -> Fault:
    expected = "another worker takes it up; one outcome"
    try_it = partial(killed, step=step, stores=stores, number=number)
    return Fault(f"worker killed {name}", expected, try_it, A_MINUTE)


FAULTS: Final = (
    _step("after taking", after_taking),
    _step("while it reads the wiki", partial(at_the_wiki, _entities)),
    _step("while it fetches the photo", partial(at_the_wiki, _photo)),
    _step("while it looks at the photo", linking, number=TALL[0]),
    _step("while it stores", writing),
    _step("while the database commits", committing),
    _step("just after it stored", after_storing, stores=True),
    Fault("database killed at work", "the same worker goes on", without_database, A_MINUTE),
    Fault("worker frozen beyond its lease", "the other's outcome stands, alone", two, A_MINUTE),
)
