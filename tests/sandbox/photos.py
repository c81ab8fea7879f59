"""The demo's world: real photographs out of installed wheels, with authors and licences.

``photos.csv`` lists them; ``source`` is where the author published one, where its licence asks to
name that. scikit-image and scikit-learn are looked up, never imported.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from .entity import empty, statement
from .loading import item_claim
from .records import iso
from .world import World, plain_entities

Json = dict[str, Any]

TABLE = Path(__file__).with_name("photos.csv")
HIDDEN = "Category:Uploaded with the sandbox"
DEPICTED = ("File:Horse silhouette.png", "Q726", "horse")
"""The file that has a statement from the start, and what it depicts."""
MOVED = ("File:Stones.png", "File:Gravel.png")
"""The name under which one file was uploaded, and the one that it was moved to."""
UPLOADED = timedelta(hours=72)
"""How long ago the first upload was; the others follow a minute apart."""

USERS: tuple[Json, ...] = (
    {"userid": 1, "name": "Admin", "groups": ["bureaucrat", "interface-admin", "sysop"]},
    {"userid": 4, "name": "DepictsBot", "groups": ["bot"]},
    {"userid": 6, "name": "Reviewer", "groups": []},
    {"userid": 7, "name": "Uploader", "groups": []},
)
PROPERTIES = {
    "P180": ("depicts", "wikibase-item"),
    "P6243": ("digital representation of", "wikibase-item"),
    "P31": ("instance of", "wikibase-item"),
    "P279": ("subclass of", "wikibase-item"),
    "P171": ("parent taxon", "wikibase-item"),
    "P518": ("applies to part", "wikibase-item"),
    "P887": ("based on heuristic", "wikibase-item"),
    "P18": ("image", "commonsMedia"),
    "P373": ("Commons category", "string"),
}

_TEXT = """== {{{{int:filedesc}}}} ==
{{{{Information
|description={{{{en|1={description}}}}}
|date=
|source={package}, {path}{from_where}
|author={author}
}}}}

== {{{{int:license-header}}}} ==
{{{{{template}}}}}

{categories}"""
_MIMES = {".png": "image/png", ".jpg": "image/jpeg"}


def read_table() -> list[dict[str, str]]:
    """The rows of ``photos.csv``."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def path_of(row: Mapping[str, str]) -> Path:
    """Where the wheel has put the photograph.

    Raises:
        FileNotFoundError: the package is not installed, or without the file.
    """
    spec = importlib.util.find_spec(row["package"])
    places = (spec.submodule_search_locations if spec else None) or []
    for place in places:
        found = Path(place, row["path"])
        if found.is_file():
            return found
    raise FileNotFoundError(f"{row['path']} of the package {row['package']} is not installed")


def demo_world(labels: Mapping[str, str], now: datetime | None = None) -> World:
    """The photographs, uploaded more than 48 hours before ``now``; items are those of ``labels``.

    ``labels`` are English labels by item id: claims to these items, and no others, are accepted.
    """
    start = (now or datetime.now(UTC)) - UPLOADED
    table = read_table()
    entities = plain_entities({DEPICTED[1]: DEPICTED[2], **labels})
    for prop, (label, datatype) in PROPERTIES.items():
        entities |= plain_entities({prop: label})
        entities[prop] = entities[prop] | {"datatype": datatype}
    files = tuple(_file(index, row, start) for index, row in enumerate(table))
    blobs = {_upload_title(row): partial(Path.read_bytes, path_of(row)) for row in table}
    return World(files, USERS, entities, hidden=frozenset({HIDDEN}), blobs=blobs, moves=(MOVED,))


def _upload_title(row: Mapping[str, str]) -> str:
    return MOVED[0] if row["title"] == MOVED[1] else row["title"]


def _file(index: int, row: Mapping[str, str], start: datetime) -> Json:
    path = path_of(row)
    data = path.read_bytes()
    with Image.open(path) as image:
        width, height = image.size
    number = index + 2
    made: Json = {
        "pageid": number, "revid": number, "title": _upload_title(row),
        "wikitext": wikitext(row), "user": "Uploader",
        "timestamp": iso(start + timedelta(minutes=index)),
        "size": len(data), "width": width, "height": height,
        "sha1": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "mime": _MIMES[path.suffix], "mediatype": "BITMAP",
    }  # fmt: skip
    if row["title"] == DEPICTED[0]:
        made["mediainfo"] = _depicting(f"M{number}", DEPICTED[1])
    return made


def _depicting(media: str, item: str) -> Json:
    guid = f"{media}$00000000-0000-4000-8000-000000000001"
    made = statement(item_claim("P180", item), guid, lambda prop: PROPERTIES[prop][1])
    return empty(media) | {"statements": {"P180": [made]}}


def wikitext(row: Mapping[str, str]) -> str:
    """The description page of a photograph, with its true author and licence."""
    names = [*filter(None, row["categories"].split("|")), HIDDEN.partition(":")[2]]
    categories = "\n".join(f"[[Category:{name}]]" for name in names)
    from_where = f"; {row['source']}" if row["source"] else ""
    return _TEXT.format(**{**row, "categories": categories, "from_where": from_where})


if __name__ == "__main__":  # the demo's photographs, for `depicts-model fit --exclude`
    print(*map(path_of, read_table()), sep="\n")
