"""Ray Data: views by tasks on any processor, vectors by a pool of actors, on GPUs where there are.

A row is a shard: nothing that Ray does with rows can cut one or put two together, and what it does
again after a kill is one shard. Views go from one to the other through Ray's object store, which
holds the tasks back where the actors are slower.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache, partial
from typing import Any, Final

import pyarrow as pa

from depicts_bot.backfill.fetching import Budget, Polite, StoppedError, client_of
from depicts_bot.backfill.listed import Piece, Shard
from depicts_bot.backfill.work import Job, Json, Worker, preprocess_of, viewed
from depicts_model.errors import DepictsError

AHEAD: Final = 6
"""Shards of views, for each actor, that Ray plans to have in memory: it reserves a half of that for
each of the two steps, and lets a step go on while its own half is free."""
AT_ONCE: Final = 5000
"""Shards that Ray is told of at a time: it takes 1.4 ms for each before it begins."""
LOADED: Final = 600
"""Seconds in which a model must be there; views are made from then on, so none wait for it."""
CLUSTER: Final = "RAY_ADDRESS"
"""In the environment: a cluster to join. Without it one begins on this machine, and ends here."""

_NAMED: Final = re.compile(r"[\w.]*(Error|Exception)\b")
_TOLD: Final = pa.schema(
    [("number", pa.int64()), ("manifest", pa.string()), ("fault", pa.string())]
)
_ENVIRONMENT: Final = {
    # Ray tells its makers how it is used, unless it is told not to
    "RAY_USAGE_STATS_ENABLED": "0",
    # what goes wrong is told once, by us; Ray's own story stands in its log files
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}

_ALONE: Final = {
    # read when Ray is imported, on Linux too: what is begun here listens to this machine alone
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


def run(job: Job, todo: Iterable[Shard], workers: int = 1) -> Iterator[tuple[Shard, Json]]:
    """Each shard with its manifest, as they are finished, in no order.

    ``workers``: actors with a model each. Raises StoppedError where Ray ends the work.
    """
    left = [*todo]
    if not left:
        return
    with cluster(workers) as gpus, _told_plainly():
        for start in range(0, len(left), AT_ONCE):
            yield from _done(job, left[start : start + AT_ONCE], workers, gpus)


@contextmanager
def cluster(workers: int) -> Iterator[float]:
    """Joined, or begun on this machine; gives how many GPUs there are.

    One of our own has a processor for each actor, and one for the task that feeds it. A block
    within a block takes part in the outer one's.
    """
    joins = CLUSTER in os.environ
    for name, value in (_ENVIRONMENT if joins else _ENVIRONMENT | _ALONE).items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        yield _gpus()
        return
    own: dict[str, Any] = {"num_cpus": 2 * workers, "include_dashboard": False}
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", **({} if joins else own))
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise StoppedError(f"Ray: {_last_line(error)}") from None
    try:
        yield _gpus()
    finally:
        ray.shutdown()


def _done(
    job: Job, todo: Sequence[Shard], workers: int, gpus: float
) -> Iterator[tuple[Shard, Json]]:
    by_number = {shard.number: shard for shard in todo}
    for row in _pipeline(job, todo, workers, gpus).iter_rows():
        if row["fault"] is not None:
            raise StoppedError(row["fault"])
        yield by_number[row["number"]], json.loads(row["manifest"])


def _gpus() -> float:
    import ray

    return float(ray.cluster_resources().get("GPU", 0.0))


def _pipeline(job: Job, todo: Sequence[Shard], workers: int, gpus: float) -> Any:
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.wait_for_min_actors_s = LOADED
    context.execution_options.resource_limits = ray.data.ExecutionResources(
        object_store_memory=AHEAD * workers * _largest(job, todo)
    )
    rows = [{"number": s.number, "shard": json.dumps(asdict(s))} for s in todo]
    whole = {"batch_size": 1, "batch_format": "pyarrow"}
    # who fetches has one of the connections, and there are no more of them in the whole cluster
    most = min(job.budget.connections, len(rows)) if job.fetches else None
    return (
        ray.data.from_items(rows, override_num_blocks=len(rows))
        .map_batches(
            partial(_view, job), num_cpus=1, compute=ray.data.TaskPoolStrategy(most), **whole
        )
        .map_batches(
            _Encoding,
            fn_constructor_args=(job,),
            compute=ray.data.ActorPoolStrategy(size=workers),
            # unlike the tasks': Ray would put both into the actor otherwise
            num_cpus=0.99,
            num_gpus=min(1.0, gpus / workers),
            **whole,
        )
    )


def _largest(job: Job, todo: Sequence[Shard]) -> int:
    """Bytes of the views of the largest shard."""
    preprocess = preprocess_of(job)
    view = 3 * preprocess.size**2
    return max(shard.rows for shard in todo) * len(preprocess.views) * view


@contextmanager
def _told_plainly() -> Iterator[None]:
    """A fault of Ray's own as one line; what we could not do comes as a row instead."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        raise StoppedError(f"Ray: {_last_line(error)}") from None


def _last_line(error: Exception) -> str:
    """The line that names the fault; before it there are stacks, and behind it advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if _NAMED.match(line)]
    return (named or lines or [type(error).__name__])[-1]


def _view(job: Job, rows: pa.Table) -> pa.Table:
    """A shard's views, as one value, or why the work cannot go on."""
    (number,), (text,) = rows["number"].to_pylist(), rows["shard"].to_pylist()
    fetch = _client(job.settings.contact, job.budget).fetch
    try:
        batches = viewed(job, _shard(text), fetch, preprocess_of(job))
        seen, fault = _alone(_packed(batches)), None
    except DepictsError as error:
        seen, fault = pa.nulls(1, pa.large_binary()), str(error)
    return pa.table({"number": [number], "seen": seen, "fault": pa.array([fault], pa.string())})


class _Encoding:
    """An actor: loads the model once."""

    def __init__(self, job: Job) -> None:
        import ray

        self._fault: str | None = None
        try:
            self._worker = Worker.load(job, "cuda" if ray.get_gpu_ids() else "cpu")
        except DepictsError as error:
            # an actor that cannot be made would be made again and again
            self._fault = str(error)

    def __call__(self, rows: pa.Table) -> pa.Table:
        """A finished shard's manifest, or why the work cannot go on."""
        (number,), (fault,) = rows["number"].to_pylist(), rows["fault"].to_pylist()
        manifest, fault = None, fault or self._fault
        if fault is None:
            try:
                manifest = json.dumps(self._finished(number, rows["seen"][0]))
            except DepictsError as error:
                fault = str(error)
        return pa.table({"number": [number], "manifest": [manifest], "fault": [fault]}, _TOLD)

    def _finished(self, number: int, seen: pa.LargeBinaryScalar) -> Json:
        # a view of Ray's memory: nothing is copied
        with pa.ipc.open_stream(seen.as_buffer()) as stream:
            return self._worker.finish(Shard(number, ()).name, iter(stream))


def _packed(batches: Iterator[pa.RecordBatch]) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    first = next(batches)
    with pa.ipc.new_stream(sink, first.schema) as stream:
        stream.write_batch(first)
        for batch in batches:
            stream.write_batch(batch)
    return sink.getvalue()


def _alone(value: pa.Buffer) -> pa.Array:
    """An array of this one value, which is not copied."""
    offsets = pa.array([0, value.size], pa.int64()).buffers()[1]
    return pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, value])


def _shard(text: str) -> Shard:
    told = json.loads(text)
    return Shard(told["number"], tuple(Piece(**piece) for piece in told["pieces"]))


@cache
def _client(contact: str, budget: Budget) -> Polite:
    """Of this process, which Ray keeps for many shards."""
    return Polite(client_of(contact), budget)
