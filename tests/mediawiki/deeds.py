"""What people do with files on a wiki, and what a bot is to make of each.

Every deed is a function that does it and returns the outcomes that a run is to store about it, by
media id and SHA-1; none where there is to be none.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from itertools import count
from typing import Any, Final

from PIL import Image

from depicts_model.types import FileContext, FileRef, Mid, Outcome, Qid, Skipped, SkipReason, mid_of
from tests.bot import worlds
from tests.bot.fakes import FakeLinker
from tests.claims import depicts_claim

from .installed import ADMIN, EDITOR
from .scene import Wiki
from .session import Session

Expected = dict[tuple[str, str], Outcome]
WARY: Final = "Wary"
"""Who opted out; an account to be made."""
OPTED_OUT: Final = {
    "users": {WARY: "asked on the talk page"},
    "categories": {"Postcards of X": "the owner asked"},
    "templates": {"No suggestions": "as it says"},
}
SVG: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><circle r="9"/></svg>'
)
PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Photo:
    """A file as it was uploaded; ``title`` with its namespace."""

    title: str
    page: int
    data: bytes

    @property
    def mid(self) -> Mid:
        return mid_of(self.page)

    @property
    def sha1(self) -> str:
        return sha1(self.data).hexdigest()

    @property
    def name(self) -> str:
        return self.title.partition(":")[2]


@dataclass
class Stage:
    """Where it is done: a wiki, an editor who uploads, an administrator who does the rest."""

    wiki: Wiki
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def admin(self) -> Session:
        return self.wiki.session(ADMIN)

    def upload(
        self, data: bytes = b"", text: str = "A photo.", kind: str = "png", who: str = EDITOR
    ) -> Photo:
        """A new file; a picture of its own unless ``data`` is given."""
        number = next(self.numbers)
        data = data or worlds.picture(number)
        name = f"Photo {number}.{kind}"
        return Photo(f"File:{name}", self.wiki.session(who).upload(name, text, data), data)

    def overwrite(self, photo: Photo, data: bytes = b"", who: str = EDITOR) -> Photo:
        """Another version; the wiki keeps no two of one second."""
        wait_for_another_second()
        data = data or worlds.picture(next(self.numbers))
        page = self.wiki.session(who).upload(photo.name, "", data)
        return Photo(photo.title, page, data)

    def put_back(self, photo: Photo) -> Photo:
        """The version before is the newest again."""
        wait_for_another_second()
        archived = self.versions(photo)[0]
        self.admin.post(action="filerevert", filename=photo.name, archivename=archived)
        return photo

    def versions(self, photo: Photo) -> list[str]:
        """Names of the older versions of a file, the newest first."""
        asked = self.admin.query(
            titles=photo.title, prop="imageinfo", iiprop="archivename", iilimit="max"
        )
        infos = asked["pages"][0]["imageinfo"]
        return [one["archivename"] for one in infos if "archivename" in one]

    def move(self, photo: Photo, to: str, **more: Any) -> None:
        asked: dict[str, Any] = {"from": photo.title, "to": to, "reason": "test", **more}
        self.admin.post(action="move", **asked)

    def hide(self, kind: str, ids: str, what: str, **more: Any) -> None:
        """Revision deletion: of a row of a log, a version of a file, a revision of a page."""
        told = self.admin.post(action="revisiondelete", type=kind, ids=ids, hide=what, **more)
        assert told["revisiondelete"]["status"] == "Success", told

    def row(self, photo: Photo) -> str:
        """Id of the file's row in the upload log."""
        asked = self.admin.query(
            list="logevents", leaction="upload/upload", letitle=photo.title, leprop="ids"
        )
        return str(asked["logevents"][0]["logid"])

    def claim(self, photo: Photo, *claims: Any) -> None:
        data = json.dumps({"claims": list(claims)})
        self.wiki.session(EDITOR).post(action="wbeditentity", id=photo.mid, data=data)


def wait_for_another_second() -> None:
    time.sleep(1.0 - time.time() % 1.0)


def looked_at(photo: Photo, data: bytes = b"") -> Expected:
    """What the linker says of this picture; ``data``: of its thumbnail, if it is another one."""
    file = FileRef(photo.mid, photo.title, photo.sha1, 1, datetime.now(UTC), "")
    (outcome,) = FakeLinker().link([FileContext(file)], [data or photo.data])
    return {(photo.mid, photo.sha1): outcome}


def skipped(photo: Photo, why: SkipReason) -> Expected:
    return {(photo.mid, photo.sha1): Skipped(why)}


# --- as they are ---


def a_photo(stage: Stage) -> Expected:
    return looked_at(stage.upload())


def a_jpeg(stage: Stage) -> Expected:
    number = next(stage.numbers)
    return looked_at(stage.upload(worlds.picture(number, kind="JPEG"), kind="jpg"))


def a_gif_that_stands_still(stage: Stage) -> Expected:
    return looked_at(stage.upload(worlds.picture(3, kind="GIF"), kind="gif"))


def one_larger_than_its_thumbnail(stage: Stage) -> Expected:
    photo = stage.upload(worlds.picture(5, (1200, 900)))
    asked = stage.admin.query(titles=photo.title, prop="imageinfo", iiprop="url", iiurlwidth=500)
    thumbnail = stage.admin.http.get(asked["pages"][0]["imageinfo"][0]["thumburl"]).content
    assert Image.open(io.BytesIO(thumbnail)).width == 500
    return looked_at(photo, thumbnail)


def the_same_content_under_two_names(stage: Stage) -> Expected:
    first = stage.upload()
    return looked_at(first) | looked_at(stage.upload(first.data))


# --- moved ---


def moved(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.move(photo, f"File:Moved {photo.name}")
    return looked_at(photo)


def moved_without_a_redirect(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.move(photo, f"File:Moved {photo.name}", noredirect=1)
    return looked_at(photo)


def moved_and_another_one_under_its_old_name(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.move(photo, f"File:Moved {photo.name}", noredirect=1)
    return looked_at(photo) | looked_at(stage.overwrite(photo))


def its_page_made_a_redirect(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.admin.edit(photo.title, "#REDIRECT [[File:Photo 1.png]]")
    return skipped(photo, SkipReason.REDIRECT)


# --- overwritten ---


def overwritten(stage: Stage) -> Expected:
    return looked_at(stage.overwrite(stage.upload()))


def overwritten_and_back(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.overwrite(photo)
    time.sleep(1.1)
    stage.admin.post(action="filerevert", filename=photo.name, archivename=stage.versions(photo)[0])
    return looked_at(photo)


# --- deleted ---


def deleted(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.admin.post(action="delete", title=photo.title)
    return skipped(photo, SkipReason.DELETED)


def deleted_and_uploaded_again(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.admin.post(action="delete", title=photo.title)
    return skipped(photo, SkipReason.DELETED) | looked_at(stage.overwrite(photo))


def deleted_and_restored(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.admin.post(action="delete", title=photo.title)
    stage.admin.post(action="undelete", title=photo.title)
    return looked_at(photo)


# --- hidden ---


def its_row_of_the_log_hidden(stage: Stage) -> Expected:
    """Nobody may learn which file it was about."""
    stage.hide("logging", stage.row(stage.upload()), "content|user|comment")
    return {}


def its_row_of_the_log_suppressed(stage: Stage) -> Expected:
    stage.hide("logging", stage.row(stage.upload()), "content|user|comment", suppress="yes")
    return {}


def its_uploader_hidden_in_the_log(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.hide("logging", stage.row(photo), "user|comment", suppress="yes")
    return looked_at(photo)


def its_first_version_hidden(stage: Stage) -> Expected:
    photo = stage.upload()
    newer = stage.overwrite(photo)
    archived = stage.versions(photo)[0].partition("!")[0]
    stage.hide("oldimage", archived, "content|user|comment", target=photo.title)
    return looked_at(newer)


def the_author_of_its_page_hidden(stage: Stage) -> Expected:
    photo = stage.upload()
    row = stage.admin.query(titles=photo.title, prop="info")["pages"][0]
    stage.hide("revision", row["lastrevid"], "user|comment", suppress="yes")
    return looked_at(photo)


# --- not for us ---


def an_artwork(stage: Stage) -> Expected:
    return skipped(stage.upload(text="{{Artwork|title=x}}"), SkipReason.ARTWORK)


def no_bots(stage: Stage) -> Expected:
    return skipped(stage.upload(text="{{nobots}}"), SkipReason.OPTED_OUT)


def a_category_that_opted_out(stage: Stage) -> Expected:
    photo = stage.upload(text="[[Category:Postcards of X]]")
    return skipped(photo, SkipReason.OPTED_OUT)


def a_template_that_opted_out(stage: Stage) -> Expected:
    return skipped(stage.upload(text="{{No suggestions}}"), SkipReason.OPTED_OUT)


def a_user_who_opted_out(stage: Stage) -> Expected:
    return skipped(stage.upload(who=WARY), SkipReason.OPTED_OUT)


def overwritten_by_a_user_who_opted_out(stage: Stage) -> Expected:
    return skipped(stage.overwrite(stage.upload(), who=WARY), SkipReason.OPTED_OUT)


def depicts_given(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.claim(photo, depicts_claim(Qid("Q146")))
    return skipped(photo, SkipReason.HAS_DEPICTS)


def depicts_given_and_taken_back(stage: Stage) -> Expected:
    photo = stage.upload()
    stage.claim(photo, depicts_claim(Qid("Q146")))
    groups = stage.wiki.entity(photo.mid)["statements"]
    (claim,) = [one for group in groups.values() for one in group]
    stage.wiki.session(EDITOR).post(action="wbremoveclaims", claim=claim["id"])
    return looked_at(photo)


def too_small(stage: Stage) -> Expected:
    return skipped(stage.upload(worlds.picture(7, (400, 100))), SkipReason.TOO_SMALL)


def a_drawing(stage: Stage) -> Expected:
    return skipped(stage.upload(SVG, kind="svg"), SkipReason.NOT_AN_IMAGE)


def a_document(stage: Stage) -> Expected:
    return skipped(stage.upload(PDF, kind="pdf"), SkipReason.NOT_AN_IMAGE)


def an_animation(stage: Stage) -> Expected:
    return skipped(stage.upload(worlds.animation(), kind="gif"), SkipReason.ANIMATED)


DEEDS: Final[tuple[Callable[[Stage], Expected], ...]] = (
    a_photo,
    a_jpeg,
    a_gif_that_stands_still,
    one_larger_than_its_thumbnail,
    the_same_content_under_two_names,
    moved,
    moved_without_a_redirect,
    moved_and_another_one_under_its_old_name,
    its_page_made_a_redirect,
    overwritten,
    overwritten_and_back,
    deleted,
    deleted_and_uploaded_again,
    deleted_and_restored,
    its_row_of_the_log_hidden,
    its_row_of_the_log_suppressed,
    its_uploader_hidden_in_the_log,
    its_first_version_hidden,
    the_author_of_its_page_hidden,
    an_artwork,
    no_bots,
    a_category_that_opted_out,
    a_template_that_opted_out,
    a_user_who_opted_out,
    overwritten_by_a_user_who_opted_out,
    depicts_given,
    depicts_given_and_taken_back,
    too_small,
    a_drawing,
    a_document,
    an_animation,
)
