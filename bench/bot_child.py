"""What ``bench-bot`` times, each in a fresh process of its own on one core.

``python -m bench.bot_child run ORDER``: the bot's real ``runner.run_bot``: it logs in by pywikibot,
reads the lists, loads its model, and stores in SQLite. Its time counts from behind all that to the
end of the last store, and so does its peak of memory (the kernel is told to forget the earlier
one), since what Python takes to import torch is more than a run ever needs.
``encode ORDER``: the same model's ``Encoder.encode`` over the same JPEGs.
``model FOLDER``: writes catalog and model. ``photos FOLDER COUNT``: writes JPEGs.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

KILO: Final = 1024
_PEAK: Final = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Order:
    """What the child has to do."""

    folder: str
    """Holds its store, ``catalog.sqlite`` and ``model``."""
    api: str = ""
    photos: str = ""
    files: int = 0
    """How many there are on the wiki: a run looks at all of them."""
    batch: int = 50
    null_linker: bool = False
    """No model: an answer that follows from the thumbnail's bytes."""
    no_thumbnails: bool = False
    """What stands for a thumbnail is its address; nothing is fetched."""
    core: int = 0
    at_once: int = 0
    """Pictures of a call of the encoder; 0: all."""

    def dump(self) -> str:
        """The reverse of ``parse``."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """An order of what ``dump`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Taken:
    """What it took, beyond start-up."""

    seconds: float
    processor_s: float
    """Of all threads, in user and system mode."""
    before_mb: float
    """Resident at the begin."""
    peak_mb: float
    """The most that was resident from then on."""
    others_s: float
    """What all other processes, and interrupts, took of the core that this one is bound to."""


def measured(work: Callable[[], object]) -> Taken:
    """Carry it out."""
    # 5: the peak of resident memory starts anew (proc(5))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, busy, spent, begun = _peak_mb(), _busy(), _processor(), time.perf_counter()
    work()
    seconds, own = time.perf_counter() - begun, _processor() - spent
    return Taken(seconds, own, before, _peak_mb(), max(0.0, _busy() - busy - own))


def _peak_mb() -> float:
    found = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
    if found is None:
        raise RuntimeError("/proc/self/status tells no VmHWM")
    return int(found[1]) / KILO


def _busy() -> float:
    """Seconds that our first core has not been idle, nor waiting for a disk, since it began."""
    core = min(os.sched_getaffinity(0))
    lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
    named = next(line.split() for line in lines if line.startswith(f"cpu{core} "))
    user, nice, system, _idle, _disk, *interrupts = map(int, named[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(order: Order) -> Taken:
    """One run of the bot."""
    from depicts_bot import recording, runner
    from depicts_model.settings import Settings
    from depicts_model.store import Store
    from tests.bot import worlds

    settings = Settings(
        wiki_api=order.api,
        wiki_username=worlds.BOT,
        wiki_password=worlds.PASSWORD,
        database_url=f"sqlite:///{order.folder}/store.sqlite",
        catalog="" if order.null_linker else f"{order.folder}/catalog.sqlite",
        model="" if order.null_linker else f"{order.folder}/model",
        batch_size=order.batch,
    )
    _leave_out(order)
    taken: list[Taken] = []
    record = recording.record

    def timed(*arguments: Any) -> None:
        taken.append(measured(lambda: record(*arguments)))

    recording.record = timed  # type: ignore[assignment]
    runner.run_bot(settings, runner.Options())
    with Store.open(settings.database_url) as store:
        _check(store.last_runs(1)[0].counts, order.files)
    return taken[0]


def _check(counts: Mapping[str, int], files: int) -> None:
    """Whether each file was looked at: what is left out costs nothing."""
    seen = sum(
        n for kind, n in counts.items() if kind.partition(":")[0] in ("suggested", "nothing")
    )
    if seen != files:
        raise RuntimeError(f"of {files} files {seen} were looked at: {dict(counts)}")


def _leave_out(order: Order) -> None:
    """What is no subject here."""
    from depicts_bot import runner
    from depicts_model.wiki.thumbnails import Thumbnails
    from tests.bot.fakes import FakeLinker

    if order.null_linker:
        runner.load_linker = lambda *_: FakeLinker()  # type: ignore[assignment]
    if order.no_thumbnails:
        Thumbnails.fetch = _address  # type: ignore[method-assign,assignment]


def _address(_thumbnails: object, url: str, _host: str) -> bytes:
    return url.encode()


def encode(order: Order) -> Taken:
    """The encoder alone; it begins as cold as the bot's."""
    from depicts_bot.wiki import chunks
    from depicts_model.linker.encoder import Encoder

    encoder = Encoder.load(Path(order.folder, "model"))
    photos = [path.read_bytes() for path in sorted(Path(order.photos).iterdir())]

    def all_of_them() -> None:
        for some in chunks(photos, order.at_once or len(photos)):
            _, errors = encoder.encode(some)
            if errors:
                raise RuntimeError(
                    f"{len(errors)} photos cannot be read: {next(iter(errors.values()))}"
                )

    return measured(all_of_them)


def write_model(folder: Path) -> None:
    """A random ViT-B/32 over the items of the real graph, as ``bench.linking`` has it."""
    from bench.graphs import real
    from bench.items import write_catalog
    from bench.linking import _write_model
    from depicts_model.catalog import Catalog

    write_catalog(real(), folder / "catalog.sqlite")
    with Catalog.open(folder / "catalog.sqlite") as catalog:
        _write_model(folder / "model", catalog)


def write_photos(folder: Path, count: int) -> None:
    """JPEGs of noise with the spectrum of natural scenes."""
    import numpy as np

    from bench.linking import photo

    rng = np.random.default_rng(0)
    for number in range(count):
        (folder / f"{number:06}.jpg").write_bytes(photo(rng))


def main(arguments: list[str]) -> None:
    """See the module's text; writes what was taken as the last line."""
    match arguments:
        case ["run" | "encode" as word, text]:
            order = Order.parse(text)
            # before torch counts the processors
            os.sched_setaffinity(0, {order.core})
            print(json.dumps(asdict({"run": run, "encode": encode}[word](order))))
        case ["model", folder]:
            write_model(Path(folder))
        case ["photos", folder, count]:
            write_photos(Path(folder), int(count))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
