"""What the API tells of an uploaded file, and where the file and its thumbnails are."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..hashes import image_path, page_name
from ..records import Page, StoredFile
from .call import Call

Json = dict[str, Any]

_SCALABLE = ("image/jpeg", "image/png", "image/gif", "image/webp")


def url_of(call: Call, page: Page) -> str:
    """Where the original is."""
    return f"{call.own}/images/{quote(image_path(page.title))}"


def thumb_of(call: Call, page: Page, file: StoredFile, width: int) -> str:
    """Where a thumbnail is; the original itself where it is no wider."""
    if width >= file.width:
        return url_of(call, page)
    name = quote(page_name(page.title))
    return f"{call.own}/images/thumb/{quote(image_path(page.title))}/{width}px-{name}"


def scaled_height(file: StoredFile, width: int) -> int:
    """The height of a thumbnail, rounded as MediaWiki rounds (half goes up)."""
    return (2 * file.height * width + file.width) // (2 * file.width)


def describe(call: Call, page: Page, wanted: set[str], width: int = -1) -> Json:
    """One row of ``imageinfo``; ``width`` asks for a thumbnail."""
    file = page.file
    assert file is not None
    row: Json = {}
    for name in ("timestamp", "user", "comment", "sha1", "mime", "mediatype"):
        if name in wanted:
            row[name] = getattr(file, name)
    if wanted & {"size", "dimensions"}:
        row.update(size=file.size, width=file.width, height=file.height)
    if "url" in wanted:
        row.update(_thumbnail(call, page, file, width))
        row.update(urls(call, page))
    if "canonicaltitle" in wanted:
        row["canonicaltitle"] = page.title
    if "extmetadata" in wanted:
        row["extmetadata"] = _metadata(page, file)
    return row


def urls(call: Call, page: Page) -> Json:
    """The original's address and its page's."""
    return {
        "url": url_of(call, page),
        "descriptionurl": f"{call.own}/wiki/File:{quote(page_name(page.title))}",
        "descriptionshorturl": f"{call.own}/w/index.php?curid={page.id}",
    }


def _thumbnail(call: Call, page: Page, file: StoredFile, width: int) -> Json:
    if width <= 0 or file.mime not in _SCALABLE or not file.width:
        return {}
    shown = min(width, file.width)
    return {
        "thumburl": thumb_of(call, page, file, width),
        "thumbwidth": shown,
        "thumbheight": scaled_height(file, shown),
        "responsiveUrls": {
            "1.5": thumb_of(call, page, file, width * 3 // 2),
            "2": thumb_of(call, page, file, width * 2),
        },
    }


def _metadata(page: Page, file: StoredFile) -> Json:
    source = "mediawiki-metadata"
    name = page.title.partition(":")[2].rpartition(".")[0]
    return {
        "DateTime": {"value": file.timestamp, "source": source, "hidden": ""},
        "ObjectName": {"value": name, "source": source},
    }
