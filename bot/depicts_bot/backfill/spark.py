"""Spark: shards by ``mapInArrow``, where a cluster of it is at hand.

A row is a shard, and a task looks, encodes and writes it itself: through Spark go numbers and
manifests alone. Shards are given out in rounds, each of which ends before the next one begins.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from depicts_bot.backfill import shards
from depicts_bot.backfill.fetching import Polite, StoppedError, client_of
from depicts_bot.backfill.listed import Shard
from depicts_bot.backfill.work import Job, Json, Worker, viewed
from depicts_model.errors import DepictsError

Batches = Iterator[pa.RecordBatch]

ROUND: Final = 16
"""Shards for each worker until the next progress is told."""
SUBMITTED: Final = ("PYSPARK_GATEWAY_PORT", "PYSPARK_SUBMIT_ARGS", "SPARK_REMOTE")
"""In the environment of who was started for a cluster, which then says where and how."""
TRIES: Final = 4
"""Of a task whose process dies."""
_TOLD: Final = "number long, manifest string, fault string"


def run(job: Job, todo: Iterable[Shard], workers: int = 1) -> Iterator[tuple[Shard, Json]]:
    """Each shard with its manifest, after each round, in no order.

    ``workers``: tasks at a time. Raises StoppedError where Spark ends the work.
    """
    left = [*todo]
    if not left:
        return
    size = ROUND * workers
    with _session(workers) as spark:
        for start in range(0, len(left), size):
            yield from _done(spark, job, left[start : start + size], workers)


def _done(
    spark: Any, job: Job, todo: Sequence[Shard], workers: int
) -> Iterator[tuple[Shard, Json]]:
    # who fetches has one of the connections, and there are no more tasks than those
    tasks = min(job.budget.connections, workers, len(todo)) if job.fetches else len(todo)
    numbers = spark.range(0, len(todo), 1, tasks)
    for row in _collected(numbers.mapInArrow(_task(job, tuple(todo)), _TOLD)):
        if row["fault"] is not None:
            raise StoppedError(row["fault"])
        yield todo[row["number"]], json.loads(row["manifest"])


def _collected(frame: Any) -> Any:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return frame.collect()
    except (PySparkException, Py4JError) as error:
        told = next(filter(None, map(str.strip, str(error).splitlines())), type(error).__name__)
        raise StoppedError(f"Spark: {told}") from None


def _task(job: Job, todo: Sequence[Shard]) -> Callable[[Batches], Batches]:
    def work(batches: Batches) -> Batches:
        for batch in batches:
            for number in batch.column("id").to_pylist():
                row = _row(job, number, todo[number])
                yield pa.RecordBatch.from_pylist([row], _schema())
                if row["fault"] is not None:
                    # the host is not asked again for each of the other shards
                    return

    return work


def _schema() -> pa.Schema:
    text = pa.string()
    return pa.schema([("number", pa.int64()), ("manifest", text), ("fault", text)])


def _row(job: Job, number: int, shard: Shard) -> dict[str, Any]:
    """A finished shard's manifest, or why the work cannot go on."""
    try:
        manifest, fault = json.dumps(_manifest(job, shard)), None
    except DepictsError as error:
        manifest, fault = None, str(error)
    return {"number": number, "manifest": manifest, "fault": fault}


def _manifest(job: Job, shard: Shard) -> Json:
    # a task that is given out again finds what the one before it finished
    finished = shards.read_manifest(Path(job.out), shard.name)
    if finished is not None:
        return finished
    worker, client = _worker(job), _client(job)
    return worker.finish(
        shard.name, viewed(job, shard, client.fetch, worker.linker.encoder.preprocess)
    )


@cache
def _worker(job: Job) -> Worker:
    """Of this process, which Spark keeps for many tasks."""
    return Worker.load(job)


@cache
def _client(job: Job) -> Polite:
    return Polite(client_of(job.settings.contact), job.budget)


@contextmanager
def _session(workers: int) -> Iterator[Any]:
    """A session of whoever started us, or one on this machine, which listens to it alone."""
    # of torch, for each task
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("depicts backfill")
    if not any(name in os.environ for name in SUBMITTED):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.master(f"local[{workers},{TRIES}]")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1")
        builder = builder.config("spark.ui.enabled", "false")
        builder = builder.config("spark.ui.showConsoleProgress", "false")
        builder = builder.config("spark.log.level", "ERROR")
    session = builder.config("spark.executorEnv.OMP_NUM_THREADS", "1").getOrCreate()
    try:
        yield session
    finally:
        session.stop()
