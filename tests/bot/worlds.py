"""Worlds for the embedded wiki: made-up pictures, and files of every odd kind."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from depicts_model.claims import DEPICTS
from depicts_model.types import Qid
from tests.claims import depicts_claim
from tests.sandbox.oddities import HUGE, huge_jpeg
from tests.sandbox.world import World, plain_entities

SEED = Path(__file__).parents[1] / "fixtures" / "api" / "seed.json"
BOT, PASSWORD = "DepictsBot@depicts", "sandbox-bot-password"
UPLOADED = datetime.now(UTC).replace(microsecond=0) - timedelta(days=10)

Blob = Callable[[], bytes]
Row = dict[str, Any]


@cache
def picture(seed: int, size: tuple[int, int] = (400, 300), kind: str = "PNG") -> bytes:
    """Coarse coloured noise, another for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(stream, kind)
    return stream.getvalue()


def animation() -> bytes:
    """A GIF of three frames."""
    # of equal ones Pillow keeps the first
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "green", "blue")]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


def file(pageid: int, data: bytes = b"", **changes: Any) -> tuple[Row, Blob]:
    """A row of the seed's shape, and its bytes."""
    data = data or picture(pageid)
    at = (UPLOADED + timedelta(minutes=pageid)).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = {
        "pageid": pageid,
        "revid": pageid,
        "title": f"File:Picture {pageid}.png",
        "wikitext": f"{{{{Information|description={{{{en|1=Picture {pageid}}}}}}}}}",
        "user": "Uploader",
        "timestamp": at,
        "size": len(data),
        "width": 400,
        "height": 300,
        "sha1": sha1(data + pageid.to_bytes(1 + pageid // 256)).hexdigest(),
        "mime": "image/png",
        "mediatype": "BITMAP",
        "categories": [],
    }
    return row | changes, lambda: data


def world(files: list[tuple[Row, Blob]], tables: dict[str, Any] | None = None) -> World:
    """A wiki of these files, with the seed's users and no items but one."""
    users = json.loads(SEED.read_text(encoding="utf-8"))["users"]
    return World(
        files=tuple(row for row, _ in files),
        users=tuple(users),
        entities=plain_entities({"Q146": "cat"}) | {DEPICTS: _PROPERTY},
        blobs={row["title"]: blob for row, blob in files},
        **(tables or {}),
    )


_PROPERTY: Row = {
    "labels": {"en": "depicts"},
    "descriptions": {},
    "datatype": "wikibase-item",
    "redirects": None,
    "claims": {},
}


def pictures(count: int) -> list[tuple[Row, Blob]]:
    """Plain pictures, pages 1 to ``count``."""
    return [file(pageid) for pageid in range(1, count + 1)]


def depicted(pageid: int) -> Row:
    """A MediaInfo with a depicts statement."""
    claim = depicts_claim(Qid("Q146")) | {"id": f"M{pageid}$1"}
    return {
        "type": "mediainfo",
        "id": f"M{pageid}",
        "labels": {},
        "descriptions": {},
        "statements": {DEPICTS: [claim]},
    }


def odd_files() -> dict[int, tuple[str, tuple[Row, Blob]]]:
    """A file of every kind that a bot meets, with the start of its line in a simulation."""
    text: Row = {"wikitext": "{{Artwork|title=x}}"}
    sized: Row = {"mime": "image/jpeg", "width": 800, "height": 600}
    return {
        1: ("failed\t", file(1, picture(1)[:200])),
        2: ("failed\t", file(2, b"\x00", size=0, width=0, height=0)),
        3: ("failed\thttp-500", file(3, b"\xff\xd8 no jpeg", **sized)),
        4: ("skipped\tanimated", file(4, animation(), mime="image/gif")),
        5: ("skipped\tnot-an-image", file(5, mime="image/svg+xml", mediatype="DRAWING")),
        6: ("skipped\tnot-an-image", file(6, mime="application/pdf", mediatype="OFFICE")),
        7: ("skipped\tnot-an-image", file(7, mime="application/ogg", mediatype="AUDIO")),
        8: ("skipped\ttoo-small", file(8, height=100)),
        9: ("skipped\tartwork", file(9, **text)),
        10: ("skipped\thas-depicts", file(10, mediainfo=depicted(10))),
        11: ("", file(11, huge_jpeg(), **sized | {"width": HUGE[0], "height": HUGE[1]})),
        12: ("failed\t", file(12, b"<html>", mime="image/png")),
        13: ("skipped\tdeleted", file(13)),
        14: ("", file(14)),
        15: ("", file(15)),
        16: ("", file(16)),
        17: ("failed\timage of 10000 × 5000 pixels", file(17, huge_jpeg(), mime="image/jpeg")),
    }
