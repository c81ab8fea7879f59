"""The Action API, through pywikibot: the one place where the bot touches the wiki's API.

pywikibot keeps one connection pool and one configuration a process, so a process logs in to one
wiki at a time; ``connect`` starts from a clean cookie jar and a configuration of its own, in a
temporary folder that is removed at exit.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from traceback import walk_tb
from typing import Any, Final
from urllib.parse import urlsplit
from zlib import crc32

from depicts_bot.manners import well_behaved
from depicts_bot.wiki import LATER, Json
from depicts_model.errors import ConfigurationError, WikiError
from depicts_model.settings import Settings, check_https, on_loopback
from depicts_model.wiki.agent import product

MAXLAG: Final = 5
"""Seconds of replication lag above which a request steps back; the wiki says for how long."""
_FEW_RETRIES: Final = (1, 1)
"""Retries, seconds before the first: while we do not know yet whether this is a wiki at all."""
_RETRIES: Final = (4, 5)
_HASTY: Final = (1, 2)
_LONGEST: Final = (120, 45.0)
"""Seconds of the longest wait before a retry, and between two pieces of an answer."""
_LONGEST_HASTY: Final = (10, 15.0)
_CONNECT: Final = 6.05
_CODE: Final = "main"
_OURS: Final = __name__.partition(".")[0]
_WAITS: Final = ("Sleeping for", "Waiting ", "Pausing ")


@dataclass(frozen=True)
class LoggedIn:
    """A wiki that pywikibot is logged in to; satisfies ``depicts_bot.wiki.Wiki``."""

    site: Any
    """A pywikibot ``DataSite``, so that ``FilePage.data_item()`` works too."""
    api: str
    _one: Lock = field(default_factory=Lock, compare=False, repr=False)
    """One request at a time, whichever thread asks."""

    @cached_property
    def high_limits(self) -> bool:
        """Whether the account has bot limits."""
        with self._answers():
            return bool(self.site.has_right("apihighlimits"))

    def ask(self, **parameters: str) -> Json:
        """One request; throttled, retried and stepped back by pywikibot. Raises WikiError."""
        with self._one, self._answers():
            request = self.site.simple_request(**parameters, formatversion="2")
            answer: Json = request.submit()
        return answer

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """What goes wrong at a wiki that was one: it may be one again."""
        with _not_a_mediawiki(self.api, "unexpected-answer", LATER), wiki_errors(self.api):
            yield


def connect(settings: Settings, live: bool = False, *, hasty: bool = False) -> LoggedIn:
    """Log in with the bot password of ``settings``.

    ``hasty``: a request comes to its end within a minute, for one who waits out faults himself;
    without it pywikibot may be at one for six, and for thirteen where the wiki asks for pauses.
    A wiki that asks for one of more than two minutes (``hasty``: ten seconds) is not asked again.
    Without ``live`` pywikibot itself blocks every write to a wiki that is not on loopback.
    Raises ConfigurationError where no bot password is set or anybody could read it on its way,
    WikiError where the address answers nothing, is no MediaWiki, or refuses the password.
    """
    check_https(settings)
    user, _, label = settings.wiki_username.partition("@")
    if not (user and label and settings.wiki_password):
        raise ConfigurationError(
            "wiki_username must be User@label, and wiki_password its bot password "
            "(Special:BotPasswords makes both)"
        )
    _prepare(settings, live)
    with _not_a_mediawiki(settings.wiki_api), wiki_errors(settings.wiki_api):
        site = _site(settings.wiki_api, user)
        _login(site, settings)
    _patience(*(_HASTY if hasty else _RETRIES), *(_LONGEST_HASTY if hasty else _LONGEST))
    _hear(_Terse())
    return LoggedIn(site, settings.wiki_api)


def _prepare(settings: Settings, live: bool) -> None:
    """Load pywikibot with our configuration, and none of the folder that we run in."""
    folder = home()
    from pywikibot import config
    from pywikibot.comms import http

    local = on_loopback(settings.wiki_api)
    config.base_dir = folder
    config.simulate = not (live or local)
    config.minthrottle, config.put_throttle = 0, 0 if local else 10
    config.read_maxlag = config.write_maxlag = MAXLAG
    config.user_agent_format = _user_agent(settings.contact)
    http.cookie_jar.clear()
    _patience(*_FEW_RETRIES)
    _hear(logging.NullHandler())


@cache
def home() -> str:
    """A folder for pywikibot's files, one a process: it remembers which it wrote there.

    pywikibot knows a folder for its own by the file ``user-config.py``, which it does not read
    (PYWIKIBOT_NO_USER_CONFIG); without it, it would make a folder in the user's home.
    """
    folder = tempfile.mkdtemp(prefix="depicts-bot-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Path(folder, "user-config.py").touch()
    os.environ |= {"PYWIKIBOT_NO_USER_CONFIG": "2", "PYWIKIBOT_DIR": folder}
    return folder


def _user_agent(contact: str) -> str:
    """Pywikibot fills the braces; those of a contact are its own."""
    ours = product(contact).replace("{", "{{").replace("}", "}}")
    return f"{ours} {{pwb}} {{http_backend}}"


def _patience(
    retries: int, wait: float, longest: float = _LONGEST[0], silence: float = _LONGEST[1]
) -> None:
    from pywikibot import config

    config.max_retries, config.retry_wait, config.retry_max = retries, wait, longest
    config.socket_timeout = (_CONNECT, silence)


class _Terse(logging.Handler):
    """Of pywikibot's talk, only why it waits; errors reach the person as ours, in one line."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith(_WAITS):
            print(text.splitlines()[0], file=sys.stderr)


def _hear(handler: logging.Handler) -> None:
    """Let ``handler`` alone receive what pywikibot says."""
    import pywikibot.bot

    pywikibot.bot.init_handlers()
    logging.getLogger("pywiki").handlers = [handler]


def _site(api: str, user: str) -> Any:
    import pywikibot

    return pywikibot.Site(_CODE, _family(api), user=user, interface=well_behaved(api))


def _family(api: str) -> Any:
    """A pywikibot family of one wiki, known by its address alone."""
    from pywikibot import family

    url = urlsplit(api)

    class Family(family.SingleSiteFamily, family.DefaultWikibaseFamily):  # type: ignore[misc]
        # a name a wiki: pywikibot keeps sites by it
        name = f"depicts{crc32(api.encode()):08x}"
        code = _CODE
        domain = url.netloc

        def protocol(self, code: str) -> str:
            return url.scheme

        def scriptpath(self, code: str) -> str:
            return url.path.removesuffix("/api.php")

        def entity_sources(self, code: str) -> dict[str, tuple[str, str]]:
            return {}

    return Family()


def _login(site: Any, settings: Settings) -> None:
    """Log in; no cookie and no password is written to disk.

    ``site.login`` alone would ask for a password on the terminal where a login fails for a
    reason that it does not know.
    """
    from pywikibot.login import ClientLoginManager, LoginStatus

    user = settings.wiki_username.partition("@")[0]
    manager = ClientLoginManager(password=settings.wiki_password, site=site, user=user)
    manager.login_name = settings.wiki_username

    def log_in() -> None:
        # or each answer on the way there would be taken for one more lost session
        site._loginstatus = LoginStatus.IN_PROGRESS
        del site.userinfo
        # a login token of the session before: MediaWiki would take the new one for lost
        site.tokens.clear()
        manager.login_to_site()
        site.login()
        if not site.logged_in():
            raise WikiError("login-failed", f"{settings.wiki_api}: not logged in as {user}")

    log_in()
    # sessions expire; of its own pywikibot would look for the password on the terminal
    site._relogin = log_in


@contextmanager
def wiki_errors(api: str) -> Iterator[None]:
    """Pywikibot's errors as WikiError, with the wiki's address."""
    from pywikibot import exceptions

    try:
        yield
    except exceptions.MaxlagTimeoutError as error:
        raise WikiError("maxlag", f"{api}: {_line(error)}", LATER) from None
    except exceptions.ApiTimeoutError:
        raise WikiError("no-answer", f"{api}: no MediaWiki answers there", LATER) from None
    except exceptions.APIError as error:
        code = "login-failed" if error.code == "Failed" else error.code
        raise WikiError(code, f"{api}: {_line(error.info)}") from None
    except exceptions.NoUsernameError as error:
        raise WikiError("login-failed", f"{api}: {_line(error)}") from None
    except (exceptions.Error, OSError) as error:
        raise WikiError("network", f"{api}: {_line(error)}", LATER) from None


@contextmanager
def _not_a_mediawiki(
    api: str, code: str = "not-a-mediawiki", retry_after: float | None = None
) -> Iterator[None]:
    """An answer that is JSON, yet not MediaWiki's, breaks pywikibot's reading.

    What breaks in our own code is our fault, and is not blamed on the wiki.
    """
    try:
        yield
    except (
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
        ValueError,
        RuntimeError,
    ) as error:
        if not _broke_in_pywikibot(error):
            raise
        raise WikiError(code, f"{api}: the answer is not a MediaWiki's", retry_after) from error


def _broke_in_pywikibot(error: BaseException) -> bool:
    """Whether pywikibot was at work: of its frames and ours, the innermost is one of its."""
    modules = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    packages = [module.partition(".")[0] for module in modules]
    known = [package for package in packages if package in (_OURS, "pywikibot")]
    return known[-1:] == ["pywikibot"]


def _line(message: object) -> str:
    return " ".join(str(message).split())[:300]
