"""From HTTP to the API, the pages, the files and the control desk, and back (WSGI)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from . import control, gadget_files
from .api.call import Call
from .api.main import answer
from .at_once import AtOnce
from .gadget_files import GadgetConfig
from .namespaces import normalise
from .pages_html import files_html, missing_html, page_html
from .records import Page, StoredFile
from .site import Site
from .state import State
from .thumbnails import ThumbnailError, Thumbnails

Json = dict[str, Any]
Before = Callable[[Request, dict[str, str]], Response | None]

JSON_TYPE = "application/json; charset=utf-8"
SECRET = ("lgpassword", "password", "token", "lgtoken", "logintoken")
_ORIGINAL = re.compile(r"/images/\w/\w\w/([^/]+)")
_THUMBNAIL = re.compile(r"/images/thumb/\w/\w\w/([^/]+)/(\d+)px-[^/]+")
_PLAIN = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_SCRIPT, _STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
_STATIC = {"mw.js": _SCRIPT, "page.css": _STYLE}
MAIN_PAGE = "Main Page"


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

    ``visitor``: whoever opens a page without a session is logged in as this account ('' for
    nobody); the API logs nobody in. ``gadget``: the one on the pages, None for none.

    ``at_once.most``: how many requests were ever answered at the same time, for ``images`` (the
    files and their thumbnails) and for ``others`` (the API and the pages).

    ``before``: is asked first of all; it may hold the answer back, or give another one.
    """

    def __init__(self, state: State, visitor: str = "", gadget: GadgetConfig | None = None) -> None:
        self.state = state
        self.visitor = visitor
        self.gadget = gadget
        self.before: Before | None = None
        self.requests: list[Seen] = []
        self.at_once = AtOnce()
        self._thumbnails = Thumbnails()

    def __call__(self, environ: Json, start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        with self.at_once.counted(request.path):
            response = self._respond(request)
        return response(environ, start)

    def _respond(self, request: Request) -> Response:
        params = {**request.args.to_dict(), **request.form.to_dict()}
        self._remember(request, params)
        if self.before and (instead := self.before(request, params)):
            return instead
        if request.path == "/sandbox/control":
            return self._control(request)
        site, path = self._site_of(request.path)
        if path == "/w/api.php":
            return self._api(request, site, params)
        return self._page(request, site, path, params)

    def _remember(self, request: Request, params: dict[str, str]) -> None:
        shown = {key: value for key, value in params.items() if key not in SECRET}
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
        if path in ("/", ""):
            return redirect(f"{site.prefix}/wiki/Main_Page")
        if path == "/w/index.php":
            return self._index(request, site, params)
        if path == "/w/load.php":
            return self._load(params)
        static = path.removeprefix("/w/static/")
        if static in _STATIC:
            text = (gadget_files.STATIC / static).read_text(encoding="utf-8")
            return Response(text, content_type=_STATIC[static])
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
            call, cookie = self._visit(request, site, params)
            html = self._html(call, page, title)
        status = 200 if page or title == MAIN_PAGE else 404
        response = Response(html, status, content_type=_HTML)
        response.headers["Content-Security-Policy"] = self._policy()
        response.set_cookie(f"{site.name}_session", cookie, httponly=True)
        return response

    def _visit(self, request: Request, site: Site, params: dict[str, str]) -> tuple[Call, str]:
        """As `_call`; a newcomer is logged in as the visitor."""
        known = request.cookies.get(f"{site.name}_session") in self.state.sessions
        call, cookie = self._call(request, site, params)
        if not known:
            call.session.user = self.visitor
        return call, cookie

    def _html(self, call: Call, page: Page | None, title: str) -> str:
        if page:
            return page_html(call, page, self.gadget)
        return files_html(call) if title == MAIN_PAGE else missing_html(call, title)

    def _policy(self) -> str:
        """Part of what Commons allows: scripts of its own (Vue compiles templates: eval), styles
        written by scripts, and requests to the tools' host, here the service's."""
        service = f" {self.gadget.service}" if self.gadget else ""
        return (
            "default-src 'none'; script-src 'self' 'unsafe-eval'; img-src 'self' data:; "
            f"style-src 'self' 'unsafe-inline'; connect-src 'self'{service}; base-uri 'none'; "
            "form-action 'self'"
        )

    def _index(self, request: Request, site: Site, params: dict[str, str]) -> Response:
        """A page by its id, by the id of a revision (``diff``), or by its title."""
        number, revision = params.get("curid", ""), params.get("diff", "")
        if not number and revision.isdigit() and int(revision) in site.revisions:
            number = str(site.revisions[int(revision)].page)
        page = site.pages.get(int(number)) if number.isdigit() else None
        name = page.title if page else params.get("title", MAIN_PAGE)
        return self._wiki_page(request, site, name, params)

    def _load(self, params: dict[str, str]) -> Response:
        """``load.php``: one module, or one style sheet with ``only=styles``."""
        found, name = None, params.get("modules", "")
        styles = params.get("only") == "styles"
        if self.gadget and self.gadget.installed:
            made = gadget_files.style if styles else gadget_files.script
            found = made(self.gadget, name)
        if found is None:
            return Response("No such module", 404, content_type=_PLAIN)
        return Response(found, content_type=_STYLE if styles else _SCRIPT)

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
