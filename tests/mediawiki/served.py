"""A running MediaWiki: ``with MediaWiki.start() as wiki:`` — ``wiki.url``, ``wiki.session()``."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import requests

from . import installed, packages
from .session import Session

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
WORKERS = 4
START_SECONDS = 60
END_SECONDS = 20
# the files of MediaWiki do not change while it runs; no opcache.file_cache: it breaks
# classes with two names (Minerva answers 500 from the second start on)
PHP_SETTINGS = {
    "opcache.enable": "1",
    "opcache.enable_cli": "1",
    "opcache.memory_consumption": "192",
    "opcache.max_accelerated_files": "10000",
    "opcache.revalidate_freq": "60",
    "apc.enabled": "1",
    "apc.enable_cli": "1",
    "apc.shm_size": "64M",
    "display_errors": "0",
    "log_errors": "1",
    "memory_limit": "256M",
    "max_execution_time": "60",
    "upload_max_filesize": "20M",
    "post_max_size": "25M",
}


class StartError(Exception):
    """MediaWiki is there and does not start; the message says why."""


class MediaWiki:
    """A wiki with accounts (``installed.PASSWORDS``) and no files; `start` makes one.

    ``folder`` holds what is its own: databases, uploads, ``server.log`` and ``errors.log``.
    """

    def __init__(self, folder: Path, code: Path, shared: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._code, self._shared = code, shared
        self._settings: dict[str, object] = {}
        self._sessions: list[Session] = []
        self._keeper: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def start(
        cls, port: int = 0, cache: Path = packages.CACHE, **settings: object
    ) -> Iterator[Self]:
        """Serve a fresh copy of the installed wiki, gone afterwards; port 0 takes a free one.

        ``settings``: as for `settings`; ``wgServer`` where browsers come by a proxy.

        Raises:
            packages.MissingError: PHP or MediaWiki cannot be had.
            installed.InstallError: MediaWiki cannot be installed.
            StartError: the server ends at once, or does not answer.
        """
        with tempfile.TemporaryDirectory(prefix="mediawiki-", ignore_cleanup_errors=True) as place:
            folder = Path(place)
            code, shared = installed.copied(folder, cache)
            wiki = cls(folder, code, shared, _free(port))
            try:
                wiki._serve(settings)
                yield wiki
            finally:
                wiki.close()

    @property
    def url(self) -> str:
        """The server's own address, without a final slash."""
        return f"http://{HOST}:{self.port}"

    @property
    def api(self) -> str:
        """The address of the Action API."""
        return f"{self.url}/w/api.php"

    def page(self, title: str, **query: str) -> str:
        """The address of a page, by the server's own."""
        asked = requests.Request("GET", f"{self.url}/wiki/{title.replace(' ', '_')}", params=query)
        return asked.prepare().url or ""

    def settings(self, **values: object) -> None:
        """Change settings (``wgRateLimits={…}``) from the next request on; None takes one back."""
        self._settings.update(values)
        self._settings = {name: one for name, one in self._settings.items() if one is not None}
        installed.say(self.folder, self._settings)

    def limit_edits(self, count: int = 0, seconds: int = 600) -> None:
        """So many edits, those just made counted, for all but administrators; see `unlimited`."""
        limit = [count, seconds]
        self.settings(wgRateLimits={"edit": {"ip": limit, "newbie": limit, "user": limit}})

    def unlimited(self) -> None:
        """Take `limit_edits` back: limits are Commons' again."""
        self.settings(wgRateLimits=None)

    def read_only(self, reason: str) -> None:
        """Nothing can be written until `writable`."""
        (self.folder / "read-only").write_text(reason, encoding="utf-8")

    def writable(self) -> None:
        """Take `read_only` back."""
        (self.folder / "read-only").unlink(missing_ok=True)

    def session(self, name: str = "", password: str = "") -> Session:
        """Somebody at the API, logged in unless without a name; closed with the wiki.

        Raises:
            ApiError: the wiki does not log them in.
        """
        session = Session(self.api)
        self._sessions.append(session)
        if name:
            session.login(name, password or installed.PASSWORDS[name])
        return session

    def run_jobs(self) -> None:
        """Carry out what edits left to do later: links and categories of other pages."""
        self.maintain("runJobs")

    def bot_password(self, name: str, app: str, password: str, grants: str) -> None:
        """Let ``name@app`` log in with this; ``grants``: as ``basic,highvolume``.

        ``password``: 32 digits and letters up to w.
        """
        self.maintain("createBotPassword", f"--appid={app}", f"--grants={grants}", name, password)

    def maintain(self, script: str, *words: str) -> str:
        """Run a maintenance script on this wiki; returns what it says.

        What it changes in caches the server does not hear. Raises installed.InstallError.
        """
        return installed.maintain(self.folder, self._code, self._shared, script, *words)

    def log(self) -> str:
        """What the server and MediaWiki complained of, and every request."""
        places = (self.folder / name for name in ("server.log", "errors.log"))
        return "".join(one.read_text(errors="replace") for one in places if one.exists())

    def close(self) -> None:
        """End the server with its workers; nothing where it has ended."""
        for session in self._sessions:
            session.close()
        if self._keeper and self._keeper.stdin:
            # the keeper ends them when this closes
            self._keeper.stdin.close()
            self._keeper.wait(END_SECONDS)
            self._keeper = None

    def _serve(self, settings: dict[str, object]) -> None:
        root = self.folder / "www"
        root.mkdir()
        (root / "w").symlink_to(self._code)
        (root / "images").symlink_to(self.folder / "images")
        self.settings(**{"wgServer": self.url, **settings})
        with (self.folder / "server.log").open("ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, str(HERE / "keeper.py"), str(self.folder), *self._command(root)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,
            )
        self._wait()

    def _command(self, root: Path) -> list[str]:
        said = PHP_SETTINGS.items()
        words = [word for name, value in said for word in ("-d", f"{name}={value}")]
        return [
            "php",
            *words,
            "-S",
            f"{HOST}:{self.port}",
            "-t",
            str(root),
            str(HERE / "router.php"),
        ]

    def _environment(self) -> dict[str, str]:
        ours = {"PHP_CLI_SERVER_WORKERS": str(WORKERS), "TMPDIR": str(self.folder / "tmp")}
        return {**installed.environment(self.folder, self._shared), **ours}

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._keeper and self._keeper.poll() is None:
            with suppress(requests.ConnectionError):
                self.session().query(meta="siteinfo")
                return
            time.sleep(0.05)
        told = self.log().strip().splitlines()
        raise StartError(f"MediaWiki does not start: {told[-1] if told else 'no reason given'}")


def _free(port: int) -> int:
    """This port, or any where it is 0. Raises StartError where somebody else answers there."""
    try:
        with socket.create_server((HOST, port)) as probe:
            return int(probe.getsockname()[1])
    except OSError as error:
        raise StartError(f"MediaWiki does not start: port {port}: {error.strerror}") from None
