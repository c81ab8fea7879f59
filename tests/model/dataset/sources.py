"""Small sources in the layouts of the real ones, made by the tests themselves."""

from __future__ import annotations

import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from depicts_model.catalog import Catalog
from depicts_model.dataset.building import Plan, Surroundings, build
from depicts_model.dataset.edges import Edges
from depicts_model.dataset.manifest import DatasetManifest
from depicts_model.dataset.progress import silent
from depicts_model.dataset.rows import Row, Source, Told
from depicts_model.types import Qid

Json = dict[str, Any]
CAT, TABBY = "Q146", "Q1124"


def qids(*numbers: int) -> tuple[Qid, ...]:
    return tuple(Qid(f"Q{number}") for number in numbers)


def row(file: str, *things: tuple[int, ...] | int, **more: Any) -> Row:
    """A number alone is a thing with one name."""
    shown = tuple(qids(thing) if isinstance(thing, int) else qids(*thing) for thing in things)
    return Row(file, more.pop("source", "test"), shown, **more)


@dataclass(frozen=True, slots=True)
class Given:
    """A source of rows that are known."""

    given: Sequence[Row]
    name: str = "given"
    licence: str = "none"
    lacks: str = ""

    def inputs(self) -> list[dict[str, Any]]:
        return []

    def rows(self, told: Told, images: bool) -> Iterator[Row]:
        yield from self.given


def built(
    out: Path,
    *sources: Source | Row,
    edges: Edges | None = None,
    warn: Callable[[str], None] = lambda line: None,
    **knobs: Any,
) -> DatasetManifest:
    """The data set of these, by the starter catalog; rows alone are a source."""
    rows = [one for one in sources if isinstance(one, Row)]
    named: list[Source] = [one for one in sources if not isinstance(one, Row)]
    plan = Plan((*named, *([Given(rows)] if rows else [])), **knobs)
    with Catalog.open() as catalog:
        return build(plan, Surroundings(catalog, edges, silent, warn), out)


def warned(source: Source, images: bool = False) -> tuple[list[Row], Told, list[str]]:
    """All rows of a source, what it told, and its warnings."""
    lines: list[str] = []
    told = Told(lines.append)
    return [*source.rows(told, images)], told, lines


# --- a MediaInfo dump ---


def depicts(item: str, rank: str = "normal", kind: str = "value") -> Json:
    snak: Json = {"snaktype": kind, "property": "P180", "hash": "x"}
    if kind == "value":
        value = {"entity-type": "item", "numeric-id": int(item[1:]), "id": item}
        snak["datavalue"] = {"value": value, "type": "wikibase-entityid"}
    return {"mainsnak": snak, "type": "statement", "id": "M1$x", "rank": rank}


def entity(number: int, *statements: Json, caption: str = "") -> Json:
    labels = {"en": {"language": "en", "value": caption}} if caption else []
    said = {"P180": list(statements)} if statements else []
    about = {"type": "mediainfo", "id": f"M{number}", "title": f"File:{number}.jpg"}
    return {**about, "labels": labels, "descriptions": [], "statements": said}


def dump(entities: Iterable[Json | str]) -> str:
    """As Commons writes it; a text stands for itself, for damage."""
    lines = (one if isinstance(one, str) else json.dumps(one) for one in entities)
    return "[\n" + ",\n".join(lines) + "\n]\n"


# --- pictures, tables, the published set ---


def picture(seed: int, side: int = 32, kind: str = "PNG") -> bytes:
    """Noise of coarse squares: of two seeds never near to each other."""
    draw = random.Random(seed)
    image = Image.frombytes("L", (8, 8), draw.randbytes(64)).resize((side, side)).convert("RGB")
    packed = io.BytesIO()
    image.save(packed, kind)
    return packed.getvalue()


def dot(kind: str = "PNG") -> bytes:
    """The picture that is not meant."""
    return picture(0, 1, kind)


def table(folder: Path, text: str, name: str = "photos.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def zipped(folder: Path, pictures: Mapping[str, bytes]) -> Path:
    path = folder / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in pictures.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # of one and the same time
    return path


def sample(number: int, labels: object, author: str = "", png: bool = False) -> Json:
    """Of the published set: one of its pictures is real."""
    about = {"img_id": number, "f0_labels": labels, "f10_labels": [], "img_author": author}
    about |= {"description": f"photo {number}", "categories": ["Cats"], "img_license": "CC0"}
    real, other = picture(number, kind="PNG" if png else "JPEG"), dot("JPEG" if png else "PNG")
    both = (other, real) if png else (real, other)
    return {"__key__": str(number), "jpg": both[0], "png": both[1], "json": about}


def tar(path: Path, samples: Iterable[Json]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for one in samples:
            about = one["json"]
            text = about if isinstance(about, bytes) else json.dumps(about).encode()
            for name, data in (("jpg", one["jpg"]), ("json", text), ("png", one["png"])):
                member = tarfile.TarInfo(f"{one['__key__']}.{name}")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return path


def parquet(path: Path, samples: Iterable[Json]) -> Path:
    """As the hub makes it of the tars: pictures and metadata are structures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {**one, **{name: {"bytes": one[name], "path": f"x.{name}"} for name in ("jpg", "png")}}
        for one in samples
    ]
    pq.write_table(pa.Table.from_pylist([{**one, "__url__": "x.tar"} for one in rows]), path)
    return path
