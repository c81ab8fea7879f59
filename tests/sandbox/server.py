"""A wiki on a loopback port, served from a thread of this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from .app import Application, Before, Seen
from .gadget_files import GadgetConfig
from .state import State, utc_now
from .world import World

HOST = "127.0.0.1"


class Quiet(WSGIRequestHandler):
    """Writes no access log; ``EmbeddedWiki.requests`` is the record."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class EmbeddedWiki:
    """``with EmbeddedWiki(world) as wiki:`` — ``wiki.url``, ``wiki.state``, ``wiki.requests``.

    Port 0 takes a free one. ``visitor``: whoever opens a page without a session is logged in as
    this account; the API logs nobody in. ``gadget``: the one on the file pages; it may be set
    later.

    Raises:
        OSError: the port is in use.
        ValueError: there is no such account.
    """

    def __init__(
        self,
        world: World,
        port: int = 0,
        clock: Callable[[], datetime] = utc_now,
        *,
        visitor: str = "",
        gadget: GadgetConfig | None = None,
    ) -> None:
        self.state = State(world, clock)
        if visitor and visitor not in self.state.users:
            raise ValueError(f"visitor: there is no account {visitor!r}")
        self._app = Application(self.state, visitor, gadget)
        with socket.create_server((HOST, port)) as listener:
            self._server = make_server(
                HOST, port, self._app, threaded=True, request_handler=Quiet, fd=listener.fileno()
            )
            self.port: int = listener.getsockname()[1]
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The server's address, without a final slash."""
        return f"http://{HOST}:{self.port}"

    @property
    def api(self) -> str:
        """The address of the Action API of the files' wiki."""
        return f"{self.url}/w/api.php"

    @property
    def items_api(self) -> str:
        """The address of the Action API of the items' wiki."""
        return self.url + self.state.items.prefix + "/w/api.php"

    @property
    def gadget(self) -> GadgetConfig | None:
        """The gadget on the file pages; set it once its service's address is known."""
        return self._app.gadget

    @gadget.setter
    def gadget(self, gadget: GadgetConfig | None) -> None:
        self._app.gadget = gadget

    @property
    def visitor(self) -> str:
        """Whoever opens a page without a session is logged in as this account."""
        return self._app.visitor

    @visitor.setter
    def visitor(self, name: str) -> None:
        self._app.visitor = name

    @property
    def before(self) -> Before | None:
        """Asked before each answer, outside the wiki's lock: may hold it back, or give another."""
        return self._app.before

    @before.setter
    def before(self, before: Before | None) -> None:
        self._app.before = before

    @property
    def requests(self) -> list[Seen]:
        """Every request so far, oldest first."""
        return self._app.requests

    @property
    def most_at_once(self) -> Mapping[str, int]:
        """The most requests answered at the same time: ``images``, and ``others``."""
        return self._app.at_once.most

    def serve(self) -> None:
        """Serve in this thread until `close` is called from another."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop serving and give the port back."""
        self._server.shutdown()
        if self._thread:
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve, name="embedded-wiki", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
