"""Where the wiki's pages and pictures are, as far as its API's address tells. Pure.

Thumbnails of Wikimedia's wikis come from ``upload.wikimedia.org`` (``commons.wikimedia.org``
becomes ``upload.wikimedia.org``, in the beta cluster alike), those of any other wiki from the wiki
itself. A picture from elsewhere is not shown: the pages' security policy would refuse it too.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from depicts_model.types import Mid

_UPLOAD: Final = "upload"
_FAMILY: Final = "wikimedia"
_SCHEMES: Final = ("http", "https")


def file_page(wiki_api: str, mid: Mid) -> str:
    """The page of a file: by its page id, which outlives a move and needs no path of the wiki."""
    return f"{urljoin(wiki_api, 'index.php')}?curid={mid.removeprefix('M')}"


def page_of(wiki_api: str, title: str) -> str:
    """A page by its title."""
    return f"{urljoin(wiki_api, 'index.php')}?title={quote(title.replace(' ', '_'), safe=':/')}"


def files_of(wiki_api: str, sha1: str) -> str:
    """What the wiki's API answers, to be read by people: the files that have this content."""
    return f"{wiki_api}?action=query&list=allimages&aisha1={sha1}"


def edit(wiki_api: str, revision: int) -> str:
    """What an edit changed."""
    return f"{urljoin(wiki_api, 'index.php')}?diff={revision}"


def image_origins(wiki_api: str) -> tuple[str, ...]:
    """The origins that this wiki's thumbnails come from."""
    wiki = urlsplit(wiki_api)
    _, _, domain = (wiki.hostname or "").partition(".")
    upload = (f"{wiki.scheme}://{_UPLOAD}.{domain}",) if _FAMILY in domain.split(".")[:1] else ()
    return _origin(wiki), *upload


def thumbnail(url: str, origins: Collection[str]) -> str | None:
    """``url`` where it is a picture from one of these origins; None otherwise."""
    try:
        return url if _origin(urlsplit(url)) in origins else None
    except ValueError:
        return None


def _origin(parts: SplitResult) -> str:
    """Scheme, host and port, without a name or password; empty where it is no web address."""
    host = parts.hostname or ""
    if parts.scheme not in _SCHEMES or not host:
        return ""
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
