"""What a browser test plays on: the real wiki behind its proxy, the gadget, the real service.

``with scene(folder) as made:`` — ``made.address(CAT)`` is a file's page, ``made.cookies(EDITOR)``
logs a browser in. The wiki is not put back between tests: who changes a file takes one of their
own (`Scene.file`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request

from depicts_model.catalog import Catalog
from depicts_model.claims import DEPICTS
from depicts_model.store import Store
from depicts_model.types import (
    FileRef,
    Mid,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
    mid_of,
)
from tests.claims import curated_claim
from tests.sandbox import photos
from tests.sandbox.state import State
from tests.sandbox.world import World

from . import deployed
from .installed import ADMIN, PASSWORDS
from .proxy import Proxy
from .served import MediaWiki
from .service import Service
from .session import Session, picture
from .witness import Witness

Json = dict[str, Any]

TAG = "suggest-depicts"
AGREED = "userjs-suggest-depicts"
"""The gadget's preference of an account."""
VERSION = "by-hand-1"
CAT, HORSE = "File:Chelsea the cat.png", "File:Horse silhouette.png"
WALL, MOON = "File:Brick wall.png", "File:Moon surface.png"
TABBY, TABLE, CUP = Qid("Q1474329"), Qid("Q14748"), Qid("Q81727")
OFFERED = ((TABBY, 0.87), (TABLE, 0.64), (CUP, 0.52))
"""What is suggested for a file, where a test does not say otherwise."""
UPLOADED = datetime(2026, 11, 1, tzinfo=UTC)


def password_of(name: str) -> str:
    """Of an account that was there from the start, or that a test made since."""
    return PASSWORDS.get(name, f"the-password-of-{name}")


def of_one_colour(number: int) -> bytes:
    """A picture for who does not look at it."""
    return picture(f"#{number * 4711 % 0xFFFFFF:06x}")


class Wiki:
    """The wiki as a browser sees it; ``mediawiki`` is the real one, ``proxy`` what is before it."""

    def __init__(self, mediawiki: MediaWiki, proxy: Proxy) -> None:
        self.mediawiki, self.proxy = mediawiki, proxy
        self._sessions: dict[str, Session] = {}

    @property
    def url(self) -> str:
        """The wiki's address, without a final slash."""
        return self.proxy.url

    @property
    def state(self) -> State:
        """The stand-in's: items, statements, lag and races; hold its lock."""
        return self.proxy.wikibase.state

    def session(self, name: str = "") -> Session:
        """This person at the API, logged in once; '' for somebody without an account."""
        if name not in self._sessions:
            self._sessions[name] = self.new_session(name)
        return self._sessions[name]

    def new_session(self, name: str = "") -> Session:
        """Another login of this person, to be closed by the caller."""
        made = Session(self.proxy.api)
        if name:
            made.login(name, password_of(name))
        return made

    def entity(self, mid: Mid) -> Json:
        """A MediaInfo as anybody reads it."""
        found: Json = self.session().get(action="wbgetentities", ids=mid)["entities"][mid]
        return found

    def close(self) -> None:
        for one in self._sessions.values():
            one.close()


@contextmanager
def wiki(world: World) -> Iterator[Wiki]:
    """A fresh wiki with its accounts and no files; items and properties are those of ``world``.

    Raises:
        packages.MissingError: PHP or MediaWiki cannot be had.
    """
    bare = replace(world, files=(), users=(), blobs={}, moves=(), tags=())
    with Proxy(bare) as proxy, MediaWiki.start(wgServer=proxy.url) as mediawiki:
        proxy.lead_to(mediawiki.port)
        made = Wiki(mediawiki, proxy)
        try:
            yield made
        finally:
            made.close()


@dataclass(slots=True)
class Scene:
    """A wiki with the gadget, a store and a service; ``files`` are those uploaded, by title."""

    wiki: Wiki
    store: Store
    service: Service
    files: dict[str, FileRef] = field(default_factory=dict)
    witness: Witness = field(default_factory=Witness)
    pictures: Callable[[int], bytes] = of_one_colour
    """Each number's own: the wiki wants no two files of the same content."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def mid(self, title: str) -> Mid:
        """The MediaInfo id of a file."""
        return self.files[title].mid

    def address(self, title: str) -> str:
        """The file's page."""
        return f"{self.wiki.url}/wiki/{title.replace(' ', '_')}"

    def cookies(self, name: str) -> list[Any]:
        """For playwright's ``add_cookies``: a browser that is logged in, by a login of its own."""
        with self.wiki.new_session(name) as session:
            return list(session.cookies(self.wiki.url))

    def agree(self, name: str, agreed: bool = True) -> None:
        """This account has agreed before to ask the service, and is not asked for that again."""
        value: Json = {"optionvalue": 1} if agreed else {}
        self.wiki.session(name).post(action="options", optionname=AGREED, **value)

    def agreed(self, name: str) -> bool:
        """Whether this account has agreed, by what the wiki keeps of it."""
        told = self.wiki.session(name).query(meta="userinfo", uiprop="options")
        return bool(told["userinfo"]["options"].get(AGREED) == "1")

    # --- files ---

    def upload(self, title: str, wikitext: str = "A picture.", data: bytes = b"") -> None:
        """Put a file on the wiki, by an administrator: nobody's limits are touched.

        ``data``: one of `pictures` where none is given.
        """
        admin = self.wiki.session(ADMIN)
        name = title.partition(":")[2]
        page = admin.upload(name, wikitext, data or self.pictures(next(self._numbers)))
        asked = admin.query(pageids=page, prop="imageinfo|info", iiprop="sha1|url", iiurlwidth=250)
        row = asked["pages"][0]
        info = row["imageinfo"][0]
        self.files[title] = FileRef(
            mid_of(page), title, info["sha1"], row["lastrevid"], UPLOADED, info["thumburl"]
        )

    def file(self, offered: Sequence[tuple[Qid, float]] = OFFERED, wikitext: str = "") -> str:
        """A file of one's own, with suggestions; returns its title."""
        title = f"File:Picture {next(self._numbers)}.png"
        self.upload(title, wikitext or "A picture.")
        if offered:
            self.suggest(title, offered)
        return title

    def photo(self, title: str) -> None:
        """Put one of the demo's photographs on the wiki, with what it depicts from the start."""
        row = next(one for one in photos.read_table() if one["title"] == title)
        self.upload(title, photos.wikitext(row), photos.path_of(row).read_bytes())
        if title == photos.DEPICTED[0]:
            self.claim(title, Qid(photos.DEPICTED[1]))

    # --- statements ---

    def claim(self, title: str, *items: Qid, user: str = ADMIN) -> Json:
        """Somebody else says that the file depicts these; the answer's entity.

        Each statement has a rank, a qualifier and a reference to lose.
        Newcomers, as people without an account, edit eight times a minute at most from one
        address: ours is one for all.
        """
        data = json.dumps({"claims": [curated_claim(item) for item in items]})
        session = self.wiki.session(user)
        found: Json = session.post(action="wbeditentity", id=self.mid(title), data=data)["entity"]
        self.witness.note(found)
        return found

    def faults(self) -> list[str]:
        """What is wrong with the statements of all files; none where nothing is.

        See `witness`. What a test's own people do to statements they tell by `claim`.
        """
        found = [self.witness.faults(self.wiki.entity(one.mid)) for one in self.files.values()]
        return [fault for faults in found for fault in faults]

    def statements(self, title: str, prop: str = DEPICTS) -> list[Json]:
        """The statements of a property, whole."""
        groups = self.wiki.entity(self.mid(title)).get("statements") or {}
        found: list[Json] = groups.get(prop, [])
        return found

    def depicted(self, title: str, prop: str = DEPICTS) -> list[str]:
        """Items that the statements of a property name."""
        rows = self.statements(title, prop)
        return [row["mainsnak"]["datavalue"]["value"]["id"] for row in rows]

    def before_save(self, what: Callable[[], object]) -> None:
        """Do this when the next edit of statements has come in, before it is carried out."""

        def hook(request: Request, params: dict[str, str]) -> None:
            if params.get("action") == "wbeditentity":
                self.wiki.proxy.before = None
                what()

        self.wiki.proxy.before = hook

    def edits(self) -> list[dict[str, str]]:
        """The parameters of every edit of statements that was ever asked for."""
        seen = self.wiki.proxy.requests
        return [one.params for one in seen if one.action == "wbeditentity"]

    # --- suggestions ---

    def tell(self, title: str, outcome: Outcome, version: str = VERSION) -> None:
        """Store what became of a file."""
        run = self.store.start_run("bot", version, {})
        self.store.save_batch(run, version, [(self.files[title], outcome)])

    def suggest(
        self,
        title: str,
        items: Sequence[tuple[Qid, float]],
        reasons: tuple[str, ...] = ("looks like it",),
        version: str = VERSION,
    ) -> None:
        """Store suggestions for a file; another version takes the place of an earlier one."""
        mid = self.mid(title)
        made = [Suggestion(mid, qid, sure, reasons, (), (), version) for qid, sure in items]
        self.tell(title, Suggested(tuple(made)), version)

    def artwork(self, title: str, item: Qid | None) -> None:
        """The file's page says that it reproduces an artwork, and which item that is."""
        named = f"|wikidata={item}" if item else ""
        self.wiki.session(ADMIN).edit(title, f"{{{{Artwork|artist=X{named}}}}}")
        self.tell(title, Skipped(SkipReason.ARTWORK), "by-hand-artwork")

    # --- the service ---

    def start(self) -> None:
        """Start the service, and let the pages know its address; nothing where it runs."""
        if not self.service.running:
            self.service.start(self.wiki.url, self.wiki.proxy.api)
        self.wiki.proxy.service = self.service.url

    def restart(self, **settings: object) -> None:
        """Start the service anew, with other settings; without any it is the ordinary one."""
        self.stop()
        self.service.start(self.wiki.url, self.wiki.proxy.api, **settings)

    def calm(self) -> None:
        """Take back every special state that a test may have brought about."""
        self.wiki.proxy.before = None
        self.wiki.state.conditions.lag = -1
        self.wiki.mediawiki.writable()
        self.wiki.mediawiki.unlimited()
        self.start()

    def stop(self) -> None:
        """End the service; the pages still know where it was."""
        self.service.stop()


@contextmanager
def scene(
    folder: Path,
    titles: Sequence[str] = (CAT,),
    tagged: bool = True,
    catalog: Path | None = None,
) -> Iterator[Scene]:
    """A scene with these photographs, suggestions for the first one, and the service running.

    ``tagged``: whether the wiki has the gadget's tag; ``catalog``: the service's, None for the
    starter.

    Raises:
        packages.MissingError: PHP or MediaWiki cannot be had.
    """
    with Catalog.open(catalog) as known:
        world = photos.demo_world({qid: known.label(qid) or qid for qid in known.qids})
    service = Service(folder, catalog)
    with wiki(world) as running, Store.open(service.database) as store:
        made = Scene(running, store, service)
        deployed.put(folder / "deployed", running.proxy, running.session(ADMIN))
        if tagged:
            running.session(ADMIN).tag(TAG)
        for title in titles:
            made.photo(title)
        made.suggest(titles[0], OFFERED)
        made.start()
        try:
            yield made
        finally:
            made.stop()
