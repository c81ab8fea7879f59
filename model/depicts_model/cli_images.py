"""Where images come from: a folder or a zip, the data set itself, or the wiki's thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from depicts_model.errors import ImageError, WikiError

if TYPE_CHECKING:
    from depicts_model.dataset.pictures import Pictures
    from depicts_model.dataset.reading import Dataset
    from depicts_model.linker.retraining.lessons import Lesson
    from depicts_model.settings import Settings
    from depicts_model.store import Store
    from depicts_model.types import FileRef
    from depicts_model.wiki.thumbnails import Thumbnails

GONE = ("http-404", "http-410", "foreign-host")
"""What the wiki answers about an image that will not come."""


class Reader(Protocol):
    """One place where images may be."""

    def read(self, lesson: Lesson) -> bytes:
        """The image; ImageError where it is not there."""


@dataclass(frozen=True, slots=True)
class Everywhere:
    """The first of several places that has the image."""

    places: tuple[Reader, ...]
    names: tuple[str, ...]
    """Of the places."""

    def where(self) -> str:
        """The places, for who reads that an image is nowhere."""
        return f"looked for in {', '.join(self.names)}"

    def read(self, lesson: Lesson) -> bytes:
        """See `Reader`."""
        fault = ImageError(f"{lesson.file}: nobody says where its image is")
        for place in self.places:
            try:
                return place.read(lesson)
            except ImageError as error:
                fault = error
        raise fault


@dataclass(frozen=True, slots=True)
class Named:
    """Below a folder, or in a zip, by the place that the data set names, or by the file's name."""

    pictures: Pictures

    def read(self, lesson: Lesson) -> bytes:
        """See `Reader`."""
        try:
            return self.pictures.read(lesson.place or lesson.file)
        except ImageError:
            return self.pictures.read(lesson.file)


@dataclass(slots=True)
class Embedded:
    """In the data set itself, which is read forwards, as the lessons come, and then once more."""

    dataset: Dataset
    _coming: dict[str, Iterator[tuple[str, bytes | None]]] = field(default_factory=dict)

    def read(self, lesson: Lesson) -> bytes:
        """See `Reader`."""
        split = lesson.shard or lesson.split
        for _ in range(2):
            rows = self._coming.setdefault(split, self._rows(split))
            for file, image in rows:
                if file == lesson.file and image is not None:
                    return image
                if file == lesson.file:
                    raise ImageError(f"{lesson.file}: no image of it in the data set")
            del self._coming[split]
        raise ImageError(f"{lesson.file}: not in the data set")

    def _rows(self, split: str) -> Iterator[tuple[str, bytes | None]]:
        for batch in self.dataset.batches(split, ["file", "image"]):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The wiki's thumbnail of a file that the bot came past, at the address that the wiki gave."""

    thumbnails: Thumbnails
    known: Callable[[Lesson], FileRef | None]

    def read(self, lesson: Lesson) -> bytes:
        """See `Reader`. A wiki that is busy or away is a WikiError: a later run asks again."""
        file = self.known(lesson)
        if file is None or not file.thumb_url:
            raise ImageError(f"{lesson.file}: no thumbnail of it is known")
        return fetched(self.thumbnails, file.thumb_url)


def fetched(thumbnails: Thumbnails, url: str) -> bytes:
    """The image at an address that the store had from the wiki; errors as `Fetched.read`."""
    try:
        return thumbnails.fetch(url, urlsplit(url).netloc)
    except WikiError as error:
        if error.code in GONE:
            raise ImageError(str(error)) from None
        raise


@contextmanager
def opened(
    pictures: Path | None, dataset: Dataset, store: Store | None, settings: Settings
) -> Iterator[Everywhere]:
    """All the places that there are: what lies here first, the wiki last."""
    from depicts_model.dataset import pictures as picture_files
    from depicts_model.wiki.thumbnails import Thumbnails

    with ExitStack() as stack:
        places: dict[str, Reader] = {}
        if pictures is not None:
            places[str(pictures)] = Named(stack.enter_context(picture_files.opened(pictures)))
        places["the data set"] = Embedded(dataset)
        if store is not None:
            thumbnails = stack.enter_context(Thumbnails(settings.contact))
            places["thumbnails that the store knows"] = Fetched(thumbnails, known_to(store))
        yield Everywhere(tuple(places.values()), tuple(places))


def known_to(store: Store) -> Callable[[Lesson], FileRef | None]:
    """What the store knows of a lesson's file, if its content is still the same."""
    from depicts_model.types import parse_mid

    def known(lesson: Lesson) -> FileRef | None:
        try:
            stored = store.latest(parse_mid(lesson.file))
        except ValueError:
            return None
        same = stored is not None and lesson.sha1 in ("", stored.file.sha1)
        return stored.file if stored is not None and same else None

    return known
