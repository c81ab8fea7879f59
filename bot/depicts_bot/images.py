"""The pictures of a portion, fetched beside the work on another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from depicts_bot.eligibility import FileFacts
from depicts_bot.work import Fetch
from depicts_model.errors import ImageError, WikiError

DOWNLOADS: Final = 1
"""Thumbnails at a time. Two connections to the host of the files are allowed: one for the crawl,
one for the worker beside it."""
MEANWHILE: Final = 5.0
"""Seconds between two calls of ``Work.meanwhile`` while pictures come."""

Image = bytes | ImageError | WikiError
Coming = Mapping[str, "Future[Image]"]
"""Pictures on their way, by SHA-1."""


@dataclass(slots=True)
class Downloads:
    """Fetches pictures; of files with the same content in one batch it is fetched once."""

    fetch: Fetch
    pool: ThreadPoolExecutor
    _shared: dict[str, Future[Image]] = field(default_factory=dict)
    _repeated: frozenset[str] = frozenset()

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
            coming[sha1] = known or self.pool.submit(_image, self.fetch, facts)
        # only what is needed once more is kept: pictures are large
        self._shared |= {sha1: one for sha1, one in coming.items() if sha1 in self._repeated}
        return coming


@contextmanager
def downloading(fetch: Fetch) -> Iterator[Downloads]:
    """Of what is given up inside no further picture is fetched."""
    pool = ThreadPoolExecutor(DOWNLOADS, "thumbnails")
    try:
        yield Downloads(fetch, pool)
    finally:
        pool.shutdown(cancel_futures=True)


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
