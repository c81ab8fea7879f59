"""No engine: one shard after another in this process. What engines are held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from depicts_bot.backfill.fetching import Budget, Polite, client_of
from depicts_bot.backfill.listed import Shard
from depicts_bot.backfill.work import Job, Json, Worker, viewed


def run(job: Job, todo: Iterable[Shard], _workers: int = 1) -> Iterator[tuple[Shard, Json]]:
    """Each shard with its manifest, as they are finished."""
    worker = Worker.load(job)
    preprocess = worker.linker.encoder.preprocess
    alone = Budget(1, job.budget.per_second)
    with client_of(job.settings.contact) as client:
        fetch = Polite(client, alone).fetch
        for shard in todo:
            yield shard, worker.finish(shard.name, viewed(job, shard, fetch, preprocess))
