"""Without a data set, the store's decisions are one; what no edit confirmed teaches nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from depicts_model.cli import main
from depicts_model.store import Store
from depicts_model.types import Claim, NothingReason, NothingToSuggest, Verdict
from tests.model.linker.test_linker_feedback import serving
from tests.model.store.values import SAID, V, decision, file_ref

from . import places
from .conftest import Desk

EACH = 170
UNCONFIRMED = 30
NOTHING = NothingToSuggest(NothingReason.NOT_SURE)


@dataclass(frozen=True)
class Told:
    """A store full of decisions, and the settings that name it."""

    desk: Desk
    config: Path

    def retrain(self) -> Result:
        words = ["--models", self.desk.models, "--work", self.desk.work, "--config", self.config]
        more = ["--catalog", self.desk.place.catalog, "--model", self.desk.place.base()]
        return CliRunner().invoke(main, [str(word) for word in ("retrain", *words, *more)])


def told(desk: Desk, url: str) -> tuple[Told, dict[str, bytes]]:
    """A picture a file: the first ones confirmed by an edit, the last ones by nothing."""
    images: dict[str, bytes] = {}
    files, decisions, claims = [], [], []
    count = EACH * len(places.KINDS)
    for number in range(1, count + UNCONFIRMED + 1):
        kind = number % len(places.KINDS)
        image = images[f"/{number}.png"] = places.picture(kind, number, noise=10.0)
        sha1 = hashlib.sha1(image, usedforsecurity=False).hexdigest()
        file = replace(file_ref(number), sha1=sha1, thumb_url=f"{url}/{number}.png")
        qid, revision = places.KINDS[kind], 10_000 + number
        said = decision(qid, Verdict.ACCEPTED, number, revision if number <= count else None)
        files.append((file, NOTHING))
        decisions.append(replace(said, sha1=sha1))
        if number <= count:
            at = SAID - timedelta(minutes=1)
            claims.append(Claim(file.mid, qid, f"{file.mid}$x", revision, at, V))
    address = f"sqlite:///{desk.folder}/store.sqlite"
    with Store.open(address) as store:
        store.save_batch(store.start_run("bot", V, {}), V, files)
        store.add_decisions("key", decisions, V)
        store.add_claims(claims)
    config = desk.folder / "settings.toml"
    config.write_text(f'database_url = "{address}"\n')
    return Told(desk, config), images


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_decisions_become_a_model_and_what_no_edit_confirmed_is_not_looked_at(desk: Desk) -> None:
    with serving() as wiki:
        of_the_store, wiki.images = told(desk, wiki.url)
        done = of_the_store.retrain()
        assert done.exit_code == 0, done.output
        asked = sorted(int(path.removeprefix("/").removesuffix(".png")) for path in wiki.asked)
    assert len(asked) == len({*asked}) > 900, "each once"
    assert asked[-1] <= EACH * len(places.KINDS)
    card = (desk.models / "current" / "card.md").read_text()
    assert "Decisions of people on depicts: facts, CC0" in card
    assert desk.left() == []


@pytest.mark.slow
def test_a_wiki_that_is_away_ends_it_and_the_same_data_set_is_taken_up_again(desk: Desk) -> None:
    """The pictures that came are not asked for again."""
    with serving() as wiki:
        of_the_store, images = told(desk, wiki.url)
        wiki.images, wiki.busy = images, {f"/{number}.png" for number in range(500, 3000)}
        done = of_the_store.retrain()
        assert done.exit_code == 2 and "http-503: " in done.stderr.splitlines()[-1], done.output
        assert (desk.work / "dataset").is_dir() and not desk.models.exists()
        before, wiki.busy = len(wiki.asked), set()
        done = of_the_store.retrain()
        came = [path for path in wiki.asked if wiki.asked.count(path) == 1]
    assert done.exit_code == 0, done.output
    assert f"{desk.work / 'dataset'}: taken up again" in done.stderr
    assert before > 256 and len(came) >= 256, "a chunk that was whole is not fetched again"
