"""The pictures of a portion, fetched beside the work on another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Final

from depicts_bot.eligibility import FileFacts
from depicts_bot.work import Fetch
from depicts_model.errors import ImageError, WikiError

MEANWHILE: Final = 5.0
"""Seconds between two calls of ``Work.meanwhile`` while pictures come."""

Image = bytes | ImageError | WikiError
Coming = Mapping[str, "Future[Image]"]
"""Pictures on their way, by SHA-1."""


class Downloads:
    """Fetches pictures; of files with the same content in one batch it is fetched once.

    One at a time: two connections to the host of the files are allowed, one for the crawl and one
    for the worker beside it. In a daemon thread: an interrupted program does not wait for it.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._queue: SimpleQueue[tuple[Future[Image], FileFacts] | None] = SimpleQueue()
        self._shared: dict[str, Future[Image]] = {}
        self._repeated: frozenset[str] = frozenset()
        self._over = False
        Thread(target=self._run, name="thumbnails", daemon=True).start()

    def expect(self, files: Sequence[FileFacts]) -> None:
        """Another batch begins: these are the files of all its portions."""
        times = Counter(map(sha1_of, files))
        self._repeated = frozenset(sha1 for sha1, count in times.items() if count > 1)
        self._shared = {}

    def begin(self, files: Sequence[FileFacts]) -> Coming:
        """Begin to fetch the pictures of these files."""
        coming: dict[str, Future[Image]] = {}
        for facts in files:
            sha1 = sha1_of(facts)
            known = coming.get(sha1) or self._shared.get(sha1)
            coming[sha1] = known or self._submitted(facts)
        # only what is needed once more is kept: pictures are large
        self._shared |= {sha1: one for sha1, one in coming.items() if sha1 in self._repeated}
        return coming

    def stop(self) -> None:
        """Begin to fetch no further picture."""
        self._over = True
        self._queue.put(None)

    def _submitted(self, facts: FileFacts) -> Future[Image]:
        future: Future[Image] = Future()
        self._queue.put((future, facts))
        return future

    def _run(self) -> None:
        while (asked := self._queue.get()) and not self._over:
            future, facts = asked
            try:
                future.set_result(_image(self._fetch, facts))
            # raised where the picture is waited for
            except BaseException as error:
                future.set_exception(error)


@contextmanager
def downloading(fetch: Fetch) -> Iterator[Downloads]:
    """Of what is given up inside no further picture is fetched."""
    downloads = Downloads(fetch)
    try:
        yield downloads
    finally:
        downloads.stop()


def arrived(
    coming: Coming, files: Sequence[FileFacts], meanwhile: Callable[[], None]
) -> list[Image]:
    """The picture of each file, or why there is none, in their order."""
    while wait(coming.values(), MEANWHILE).not_done:
        meanwhile()
    return [coming[sha1_of(facts)].result() for facts in files]


def sha1_of(facts: FileFacts) -> str:
    """By which a picture is known; one without it counts as deleted, and does not come here."""
    return facts.context.file.sha1


def _image(fetch: Fetch, facts: FileFacts) -> Image:
    """The thumbnail, or why there is none: a file's fault never ends a run."""
    url = facts.context.file.thumb_url
    if not url:
        return ImageError("the wiki has no thumbnail of it")
    try:
        return fetch(url, facts.upload_host)
    except (ImageError, WikiError) as error:
        return error
