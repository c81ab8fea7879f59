"""What the wiki says about a batch of files: one page query and one entity query a batch.

No property is asked for page by page: a batch of up to 50 files (500 with bot rights) costs two
requests, a third where it holds GIFs, and more only where the wiki answers with ``continue``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

from depicts_bot import wikitext
from depicts_bot.eligibility import GIF, FileFacts
from depicts_bot.uploads import NEVER_SEEN, Upload, parse_timestamp
from depicts_bot.wiki import LATER, Json, Wiki, ask_all, chunks, limit, part
from depicts_model.claims import DEPICTS, DIGITAL_REPRESENTATION_OF, statements_of, value_qids
from depicts_model.errors import WikiError
from depicts_model.types import FileContext, FileRef, mid_of

_IMAGE: Final = "url|size|sha1|mime|mediatype|timestamp|user"
_FRAMES: Final = "frameCount"
_FILES: Final = 6
"""The namespace of files."""


def describe(wiki: Wiki, uploads: Sequence[Upload], width: int) -> list[FileFacts]:
    """Facts about ``uploads``, in their order; none of them may be ``gone``.

    ``width``: of the thumbnail, in pixels; one of ``settings.THUMBNAIL_WIDTHS``, since the API
    makes an address for any, and the server of the files refuses all others.
    """
    ids = list(dict.fromkeys(upload.pageid for upload in uploads))
    pages: dict[int, Json] = {}
    entities: dict[str, Json] = {}
    for some in chunks(ids, limit(wiki)):
        pages |= read_pages(wiki, some, width)
        entities |= read_entities(wiki, some)
    frames = _read_frames(wiki, [pageid for pageid, page in pages.items() if _is_gif(page)])
    return [
        facts(wiki.api, upload, pages[upload.pageid], entities, frames.get(upload.pageid))
        for upload in uploads
    ]


def read_pages(wiki: Wiki, ids: Sequence[int], width: int) -> dict[int, Json]:
    """Pages by id, with image, latest text, categories and redirect mark."""
    answers = ask_all(
        wiki,
        action="query",
        pageids="|".join(map(str, ids)),
        prop="imageinfo|revisions|info|categories",
        iiprop=_IMAGE,
        iiurlwidth=str(width),
        rvprop="ids|content",
        rvslots="main",
        clprop="hidden",
        cllimit="max",
    )
    pages = merge(page for answer in answers for page in answer["pages"])
    _check_all(wiki, pages, ids)
    return pages


def merge(pieces: Iterable[Json]) -> dict[int, Json]:
    """Pages by id; a continued query brings a page in pieces, its lists to be joined."""
    pages: dict[int, Json] = {}
    for piece in pieces:
        page = pages.setdefault(piece["pageid"], {})
        for key, value in piece.items():
            page[key] = page.get(key, []) + value if isinstance(value, list) else value
    return pages


def read_entities(wiki: Wiki, ids: Sequence[int]) -> dict[str, Json]:
    """MediaInfo by id. ``claims`` is what brings the statements; a missing one is normal."""
    mids = "|".join(mid_of(pageid) for pageid in ids)
    answer = wiki.ask(action="wbgetentities", ids=mids, props="claims|labels")
    entities = part(wiki, answer, "entities")
    _check_all(wiki, entities, map(mid_of, ids))
    return entities


def _check_all(wiki: Wiki, told: Container[object], ids: Iterable[object]) -> None:
    """A wiki tells of what is missing, too. Raises WikiError where it says nothing at all.

    Or else a file whose statements did not arrive would count as one that has none.
    """
    if left_out := [str(one) for one in ids if one not in told]:
        told_of = f"nothing about {', '.join(left_out[:3])}"
        raise WikiError("unexpected-answer", f"{wiki.api}: {told_of} in the answer", LATER)


def _is_gif(page: Json) -> bool:
    return _image(page).get("mime") == GIF


def _read_frames(wiki: Wiki, ids: Sequence[int]) -> dict[int, int]:
    """How many frames each GIF has, where the wiki knows.

    Asked for GIFs only: a photograph's metadata would be kilobytes of EXIF.
    """
    pages: dict[int, Json] = {}
    for some in chunks(ids, limit(wiki)):
        joined = "|".join(map(str, some))
        answers = ask_all(
            wiki, action="query", pageids=joined, prop="imageinfo", iiprop="mime|metadata"
        )
        pages |= merge(page for answer in answers for page in answer["pages"])
    return {pageid: count for pageid, page in pages.items() for count in _frame_counts(page)}


def _frame_counts(page: Json) -> Iterable[int]:
    for entry in _image(page).get("metadata") or []:
        if entry["name"] == _FRAMES:
            yield int(entry["value"])


def _image(page: Json) -> Json:
    images: list[Json] = page.get("imageinfo") or [{}]
    return images[0]


def facts(
    api: str, upload: Upload, page: Json, entities: Mapping[str, Json], frames: int | None
) -> FileFacts:
    """What the answers say about one upload."""
    image = _image(page)
    entity = entities.get(mid_of(upload.pageid), {})
    text = wikitext.read(_text(page))
    statements = statements_of(entity)
    return FileFacts(
        context=_context(_file(api, upload, page), page, entity, text),
        missing="missing" in page or (not image.get("sha1") and not page.get("redirect")),
        redirect=bool(page.get("redirect")),
        mime=image.get("mime", ""),
        mediatype=image.get("mediatype", ""),
        width=image.get("width", 0),
        height=image.get("height", 0),
        pages=image.get("pagecount", 1),
        frames=frames,
        has_depicts=bool(statements.get(DEPICTS)),
        is_artwork=text.artwork or bool(statements.get(DIGITAL_REPRESENTATION_OF)),
        asks_bots_to_stay=text.asks_bots_to_stay,
        templates=text.templates,
        hidden_categories=_categories(page, hidden=True),
        uploader=image.get("user", ""),
        upload_host=urlsplit(urljoin(api, image.get("url", ""))).netloc,
    )


def _file(api: str, upload: Upload, page: Json) -> FileRef:
    image = _image(page)
    thumb = image.get("thumburl", "")
    # of a page that is no file not even the title is kept: it may be a person's
    known = page if page.get("ns", _FILES) == _FILES else {}
    return FileRef(
        mid=mid_of(upload.pageid),
        title=known.get("title", upload.title),
        sha1=image.get("sha1", upload.sha1),
        revision=known.get("lastrevid", NEVER_SEEN if upload.unlisted else 0),
        uploaded=_uploaded(upload, image),
        # some wikis give addresses without a scheme
        thumb_url=urljoin(api, thumb) if thumb else "",
    )


def _uploaded(upload: Upload, image: Json) -> datetime:
    if upload.unlisted and "timestamp" in image:
        return parse_timestamp(image["timestamp"])
    return upload.at


def _text(page: Json) -> str:
    """Latest wikitext; a suppressed revision has none."""
    revisions = page.get("revisions") or [{}]
    content: str = revisions[0].get("slots", {}).get("main", {}).get("content", "")
    return content


def _context(file: FileRef, page: Json, entity: Json, text: wikitext.PageText) -> FileContext:
    labels = entity.get("labels") or {}
    return FileContext(
        file=file,
        description=text.description,
        categories=_categories(page, hidden=False),
        captions={language: label["value"] for language, label in labels.items()},
        location=text.location,
        existing_depicts=value_qids(entity),
    )


def _categories(page: Json, hidden: bool) -> tuple[str, ...]:
    """Names without the namespace, of the hidden categories or of the others."""
    rows = page.get("categories", [])
    wanted = (row["title"] for row in rows if bool(row.get("hidden")) is hidden)
    return tuple(title.partition(":")[2] for title in wanted)
