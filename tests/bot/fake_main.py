"""The real ``depicts-bot`` but for its linker, which is ``fakes.FakeLinker``.

For tests in which the model is not the subject: everything else is the product's own.
"""

from __future__ import annotations

from depicts_bot import runner
from depicts_bot.cli import main
from tests.bot.fakes import FakeLinker

if __name__ == "__main__":
    setattr(runner, "_linker", lambda *_: FakeLinker())  # noqa: B010
    main()
