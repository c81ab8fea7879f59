"""The wiki that browsers see: a real MediaWiki, and before it what Wikibase would add to it.

All is MediaWiki's own answer but for the modules of Wikibase (`wikibase`), and for what its pages
lack: the structured data of a file, and settings of the gadget (`panel`). ``$wgServer`` is to be
the proxy's address.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.sandbox.app import SECRET, Before, Seen
from tests.sandbox.at_once import AtOnce
from tests.sandbox.server import HOST, Quiet
from tests.sandbox.world import World

from . import panel
from .upstream import Answer, Upstream
from .wikibase import Wikibase

Json = dict[str, Any]

API = "/w/api.php"
PAGES = ("/wiki/", "/w/index.php")
# a page that is to be changed is wanted whole and readable
OF_COPIES = frozenset({"accept-encoding", "if-modified-since", "if-none-match", "range"})


class Proxy:
    """``with Proxy(world) as proxy: proxy.lead_to(port)`` — then ``proxy.url`` is the wiki.

    ``world`` has the items and properties; files are MediaWiki's. ``service``: the address of the
    suggestion service that the pages tell the gadget; '' tells none. ``before`` is asked first of
    all; it may hold the answer back, or give another one. ``requests``: every request so far.
    ``at_once.most``: how many were answered at the same time, ``images`` and ``others``.

    Raises:
        OSError: the port is in use.
    """

    def __init__(self, world: World, port: int = 0) -> None:
        self.service = ""
        self.before: Before | None = None
        self.requests: list[Seen] = []
        self.at_once = AtOnce()
        self._world = world
        self._upstream: Upstream | None = None
        self._wikibase: Wikibase | None = None
        with socket.create_server((HOST, port)) as listener:
            self._server = make_server(
                HOST, port, self, threaded=True, request_handler=Quiet, fd=listener.fileno()
            )
            self.port: int = listener.getsockname()[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="proxy", daemon=True
        )

    @property
    def url(self) -> str:
        """The wiki's address, without a final slash."""
        return f"http://{HOST}:{self.port}"

    @property
    def api(self) -> str:
        """The address of the Action API."""
        return self.url + API

    @property
    def wikibase(self) -> Wikibase:
        """The stand-in for Wikibase; there is none before `lead_to`."""
        assert self._wikibase, "the proxy leads nowhere yet"
        return self._wikibase

    def lead_to(self, port: int) -> None:
        """Stand before the MediaWiki at this port from now on; statements start anew."""
        self._upstream = Upstream((HOST, port), f"{HOST}:{self.port}")
        self._wikibase = Wikibase(self._world, self._upstream)

    def __call__(self, environ: Json, start: Callable[..., Any]) -> Iterable[bytes]:
        # what comes with an upload is closed again
        with Request(environ) as request:
            # read once, before anybody parses it
            body = request.get_data(cache=True)
            with self.at_once.counted(request.path):
                response = self._respond(request, body)
            return response(environ, start)

    def _respond(self, request: Request, body: bytes) -> Response:
        params = {**request.args.to_dict(), **request.form.to_dict()}
        self._remember(request, params)
        # another thread may take it away meanwhile
        before = self.before
        if before and (instead := before(request, params)):
            return instead
        try:
            if request.path == API and (told := self.wikibase.respond(request)):
                return told
            return self._forward(request, body)
        except OSError as error:
            return Response(f"MediaWiki does not answer: {error}", 502)

    def _remember(self, request: Request, params: dict[str, str]) -> None:
        shown = {key: value for key, value in params.items() if key not in SECRET}
        agent = request.headers.get("User-Agent", "")
        action = params.get("action", "")
        self.requests.append(Seen(request.method, request.path, action, shown, agent))

    def _forward(self, request: Request, body: bytes) -> Response:
        assert self._upstream, "the proxy leads nowhere yet"
        is_page = request.path.startswith(PAGES)
        headers = [
            (name, value)
            for name, value in request.headers.items()
            if not (is_page and name.lower() in OF_COPIES)
        ]
        path = request.environ["REQUEST_URI"]
        answer = self._upstream.send(request.method, path, headers, body)
        if is_page and answer.header("Content-Type").startswith("text/html"):
            self._complete(answer)
        return Response(answer.body, answer.status, headers=answer.headers)

    def _complete(self, answer: Answer) -> None:
        """Add what Wikibase and the gadget's settings add to a page."""
        state = self.wikibase.state
        with state.lock:
            text = panel.completed(answer.body.decode(), state, self.url, self.service)
        answer.body = text.encode()
        # a copy that somebody kept may be out of date: the panel is not of the page's own age
        answer.headers = [one for one in answer.headers if one[0].lower() != "last-modified"]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
