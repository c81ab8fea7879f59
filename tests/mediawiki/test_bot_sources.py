"""The bot's sources on the real MediaWiki: its own lists, marks and spellings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from depicts_bot.context import read_pages
from depicts_bot.listings import Category, Random, Search, UserUploads
from depicts_bot.named import Named
from depicts_bot.sources import NEW_UPLOADS, Source
from depicts_bot.wiki import Json

from .installed import ADMIN, EDITOR
from .served import MediaWiki
from .session import Session, picture

pytestmark = pytest.mark.slow
UNTIL = datetime.now(UTC) + timedelta(days=1)
COLOURS = ("red", "green", "blue", "teal", "gray", "navy", "lime")
TEXTS = {
    "Category:Cats": "[[Category:White kittens]]",
    "Category:Kittens": "[[Category:Cats]]",
    "Category:White kittens": "[[Category:Kittens]]",
}
IN = ("Cats", "Cats", "Kittens", "Kittens", "White kittens", "Dogs", "Dogs")


@dataclass
class Asked:
    """Satisfies ``depicts_bot.wiki.Wiki``."""

    session: Session
    high_limits: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def api(self) -> str:
        return self.session.api

    def ask(self, **parameters: str) -> Json:
        self.asked.append(parameters)
        answer = self.session.get(**parameters)
        # of a parameter that it does not know the wiki only warns
        assert "warnings" not in answer, answer["warnings"]
        return answer


@pytest.fixture(scope="module")
def pages(wiki: MediaWiki) -> list[int]:
    """Page ids of seven pictures: four of one person, three of another."""
    people = [wiki.session(ADMIN), wiki.session(EDITOR)]
    for title, text in TEXTS.items():
        people[0].edit(title, text)
    found = [
        people[number // 4].upload(
            f"Animal {number}.png", f"[[Category:{name}]]", picture(COLOURS[number])
        )
        for number, name in enumerate(IN)
    ]
    wiki.run_jobs()
    return found


@pytest.fixture
def asked(wiki: MediaWiki, pages: list[int]) -> Iterator[Asked]:
    with Session(wiki.api) as session:
        yield Asked(session)


def listed(source: Source, asked: Asked, after: str | None = None, batch: int = 2) -> list[int]:
    steps = source.steps(asked, after, UNTIL, batch)
    return [step.upload.pageid for step in steps if step.upload]


@pytest.mark.parametrize(("depth", "count"), [(0, 2), (1, 4), (2, 5), (9, 5)])
def test_a_category(asked: Asked, pages: list[int], depth: int, count: int) -> None:
    assert listed(Category("Category:Cats", depth), asked) == pages[:count]


def test_a_users_uploads_and_where_they_go_on(asked: Asked, pages: list[int]) -> None:
    assert listed(UserUploads(ADMIN), asked) == pages[:4]
    assert listed(UserUploads(EDITOR), asked) == pages[4:]
    assert listed(UserUploads("Nobody here"), asked) == []
    for batch in (1, 2, 50):
        steps = list(UserUploads(ADMIN).steps(asked, None, UNTIL, batch))
        for done, step in enumerate(steps, 1):
            assert listed(UserUploads(ADMIN), asked, step.mark, batch) == pages[done:4]


def test_new_uploads(asked: Asked, pages: list[int]) -> None:
    assert listed(NEW_UPLOADS, asked) == pages


def test_a_search(asked: Asked, wiki: MediaWiki, pages: list[int]) -> None:
    found = listed(Search("Animal"), asked)
    assert sorted(found) == pages
    steps = list(Search("Animal").steps(asked, None, UNTIL, 2))
    assert listed(Search("Animal"), asked, steps[2].mark) == found[3:]
    assert listed(Search("nothing of the kind"), asked) == []


def test_a_sample(asked: Asked, pages: list[int]) -> None:
    assert sorted(listed(Random(50), asked)) == pages
    sample = listed(Random(3), asked)
    assert len(set(sample)) == 3 and set(sample) < set(pages)


def test_names(asked: Asked, pages: list[int]) -> None:
    names = Named(("file:animal_1.png", pages[5], "File:None.png", "Image:Animal 0.png"))
    assert listed(names, asked) == [pages[1], pages[5], 0, pages[0]]


def test_the_uploader_is_told(asked: Asked, pages: list[int]) -> None:
    """By which opt-outs are known."""
    told = read_pages(asked, pages, 250)
    people = [told[pageid]["imageinfo"][0]["user"] for pageid in pages]
    assert people == [ADMIN] * 4 + [EDITOR] * 3
