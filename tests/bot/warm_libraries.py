"""What `warm` loads once for all the processes that it forks; pywikibot without any folder."""

from __future__ import annotations

from depicts_bot import site

site.home()

import pywikibot  # noqa: E402, F401
from pywikibot import family, login  # noqa: E402, F401
from pywikibot.comms import http  # noqa: E402, F401

import depicts_bot.listings  # noqa: E402
import depicts_bot.runner  # noqa: E402, F401
from tests.bot import faulty_main  # noqa: E402, F401
