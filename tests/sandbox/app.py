"""From HTTP to the API, the pages, the files and the control desk, and back (WSGI)."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from . import control
from .api.call import Call
from .api.main import answer
from .namespaces import normalise
from .pages_html import missing_html, page_html
from .records import StoredFile
from .site import Site
from .state import State
from .thumbnails import ThumbnailError, Thumbnails

Json = dict[str, Any]

JSON_TYPE = "application/json; charset=utf-8"
_SECRET = ("lgpassword", "password", "token", "lgtoken", "logintoken")
_ORIGINAL = re.compile(r"/images/\w/\w\w/([^/]+)")
_THUMBNAIL = re.compile(r"/images/thumb/\w/\w\w/([^/]+)/(\d+)px-[^/]+")
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came in; ``params`` without passwords and tokens."""

    method: str
    path: str
    action: str
    params: dict[str, str]
    user_agent: str


class Application:
    """The WSGI application; ``requests`` grows by one for every request.

    ``most_at_once``: how many requests were ever answered at the same time, for ``images`` (the
    files and their thumbnails) and for ``others`` (the API and the pages).
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.requests: list[Seen] = []
        self.most_at_once: Counter[str] = Counter()
        self._at_once: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._thumbnails = Thumbnails()

    def __call__(self, environ: Json, start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        with self._counted("images" if "/images/" in request.path else "others"):
            response = self._respond(request)
        return response(environ, start)

    @contextmanager
    def _counted(self, kind: str) -> Iterator[None]:
        """Count this request among those of its kind that are being answered."""
        with self._counting:
            self._at_once[kind] += 1
            self.most_at_once[kind] = max(self.most_at_once[kind], self._at_once[kind])
        try:
            yield
        finally:
            with self._counting:
                self._at_once[kind] -= 1

    def _respond(self, request: Request) -> Response:
        params = {**request.args.to_dict(), **request.form.to_dict()}
        self._remember(request, params)
        if request.path == "/sandbox/control":
            return self._control(request)
        site, path = self._site_of(request.path)
        if path == "/w/api.php":
            return self._api(request, site, params)
        return self._page(request, site, path, params)

    def _remember(self, request: Request, params: dict[str, str]) -> None:
        shown = {key: value for key, value in params.items() if key not in _SECRET}
        self.requests.append(
            Seen(
                request.method,
                request.path,
                params.get("action", ""),
                shown,
                request.headers.get("User-Agent", ""),
            )
        )

    def _site_of(self, path: str) -> tuple[Site, str]:
        items = self.state.items
        if path.startswith(items.prefix + "/"):
            return items, path.removeprefix(items.prefix)
        return self.state.commons, path

    def _call(self, request: Request, site: Site, params: dict[str, str]) -> tuple[Call, str]:
        cookie, session = self.state.session(request.cookies.get(f"{site.name}_session"))
        call = Call(
            self.state,
            site,
            session,
            request.host_url.rstrip("/"),
            params,
            request.method == "POST",
            frozenset(request.args),
        )
        return call, cookie

    def _api(self, request: Request, site: Site, params: dict[str, str]) -> Response:
        with self.state.lock:
            call, cookie = self._call(request, site, params)
            body, headers = answer(call)
            told = json.dumps(body, ensure_ascii=False)
        response = Response(told, content_type=JSON_TYPE, headers=headers)
        response.set_cookie(f"{site.name}_session", cookie, httponly=True)
        return response

    # --- pages and files ---

    def _page(self, request: Request, site: Site, path: str, params: dict[str, str]) -> Response:
        if path.startswith("/wiki/"):
            return self._wiki_page(request, site, path.removeprefix("/wiki/"), params)
        if path == "/w/index.php":
            return self._index(request, site, params)
        thumbnail, original = _THUMBNAIL.fullmatch(path), _ORIGINAL.fullmatch(path)
        if thumbnail:
            return self._thumbnail(site, thumbnail[1], int(thumbnail[2]))
        if original:
            return self._original(site, original[1])
        return Response("Not found", 404, content_type=_PLAIN)

    def _wiki_page(
        self, request: Request, site: Site, name: str, params: dict[str, str]
    ) -> Response:
        title = normalise(unquote(name))
        with self.state.lock:
            page = site.page(title)
            call, _ = self._call(request, site, params)
            html = page_html(call, page) if page else missing_html(title)
        return Response(html, 200 if page else 404, content_type="text/html; charset=utf-8")

    def _index(self, request: Request, site: Site, params: dict[str, str]) -> Response:
        number = params.get("curid", "")
        page = site.pages.get(int(number)) if number.isdigit() else None
        name = page.title if page else params.get("title", "Main Page")
        return self._wiki_page(request, site, name, params)

    def _file(self, site: Site, name: str) -> StoredFile | None:
        with self.state.lock:
            page = site.page(normalise(f"File:{unquote(name)}"))
            return page.file if page else None

    def _original(self, site: Site, name: str) -> Response:
        file = self._file(site, name)
        if file is None or file.blob is None:
            return Response("File not found", 404, content_type=_PLAIN)
        return Response(file.blob(), content_type=file.mime)

    def _thumbnail(self, site: Site, name: str, width: int) -> Response:
        file = self._file(site, name)
        if file is None:
            return Response("File not found", 404, content_type=_PLAIN)
        try:
            return Response(self._thumbnails.get(file, width), content_type=file.mime)
        except ThumbnailError as error:
            return Response(str(error), error.status, content_type=_PLAIN)

    # --- the control desk ---

    def _control(self, request: Request) -> Response:
        if request.method != "POST" or request.remote_addr not in ("127.0.0.1", "::1", None):
            return Response("POST from this machine only", 403, content_type=_PLAIN)
        try:
            control.apply(self.state, request.get_json(force=True))
        except control.ControlError as error:
            return Response(json.dumps({"error": str(error)}), 400, content_type=JSON_TYPE)
        return Response('{"done": true}', content_type=JSON_TYPE)
