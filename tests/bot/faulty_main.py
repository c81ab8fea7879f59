"""The real ``depicts-bot`` but for its linker, which decodes each image as the real one does.

An image that the product's own decoder refuses fails; of any other `FakeLinker` says what it says.
``BOT_RETRY_WAIT``: seconds before pywikibot's first retry, in place of the product's own; how
often it tries again stays as it is. ``BOT_DAYS_LATER``: the run takes place so much later.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from depicts_bot import runner, site, work
from depicts_bot.cli import main
from depicts_model.errors import ImageError
from depicts_model.linker.images import decode
from depicts_model.types import FileContext, Outcome
from tests.bot.fakes import FakeLinker

MEGAPIXELS = 40.0


@dataclass(frozen=True)
class DecodingLinker(FakeLinker):
    """Looks at whole images alone."""

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        """As `FakeLinker.link`."""
        return super().link(contexts, [_decoded(image) for image in images])


def _decoded(image: bytes | ImageError) -> bytes | ImageError:
    if isinstance(image, ImageError):
        return image
    try:
        decode(image, MEGAPIXELS)
    except ImageError as error:
        return error
    return image


def begin() -> None:
    """Be the command."""
    runner.load_linker = lambda *_: DecodingLinker()  # type: ignore[assignment]
    if "BOT_RETRY_WAIT" in os.environ:
        site._RETRIES = (site._RETRIES[0], float(os.environ["BOT_RETRY_WAIT"]))  # type: ignore[misc,assignment]
    if "BOT_DAYS_LATER" in os.environ:
        later = timedelta(days=float(os.environ["BOT_DAYS_LATER"]))
        assert hasattr(runner, "now")
        runner.now = lambda: work.now() + later
    main()


if __name__ == "__main__":
    begin()
