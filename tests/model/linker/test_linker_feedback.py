"""Feedback at once: what an edit confirmed votes, without any training; nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from click.testing import CliRunner, Result

from depicts_model.cli import main
from depicts_model.linker.artefact import load
from depicts_model.linker.feedback import Approval, approvals
from depicts_model.linker.head import Evidence
from depicts_model.linker.link import Linker
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import (
    Claim,
    Decision,
    FileRef,
    NothingReason,
    NothingToSuggest,
    Qid,
    Refusal,
    RefusalState,
    Verdict,
)
from tests.model.store.values import SAID, V, decision, file_ref

from .conftest import photo, save, table
from .world import ZOO, q

A = "a" * 40


def said(verdict: Verdict, confirmed: bool, qid: str = "Q10") -> tuple[Decision, FileRef]:
    return replace(decision(qid, verdict), confirmed=confirmed), file_ref(1)


# --- what counts ---


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("confirmed", [True, False])
def test_only_a_confirmed_acceptance_votes(verdict: Verdict, confirmed: bool) -> None:
    found = approvals([said(verdict, confirmed)], [])
    if verdict is Verdict.ACCEPTED and confirmed:
        assert found == [Approval(A, "https://u.test/t", (q(10),))]
    else:
        assert found == []


@pytest.mark.parametrize("state", RefusalState)
def test_what_two_people_refused_votes_no_more(state: RefusalState) -> None:
    some = [said(Verdict.ACCEPTED, True), said(Verdict.ACCEPTED, True, "Q4")]
    found = approvals(some, [Refusal(A, q(10), state, SAID)])
    left = (q(4),) if state is RefusalState.SHARED else (q(10), q(4))
    assert [one.items for one in found] == [left]
    other = [Refusal("b" * 40, q(10), RefusalState.SHARED, SAID)]
    assert len(approvals(some, other)[0].items) == 2, "it was said of another content"


# --- the command ---


@dataclass
class Wiki:
    """Serves a few thumbnails, and remembers what was asked for."""

    url: str = ""
    images: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    """What is answered with 503, and a long pause to wait for."""


@pytest.fixture
def wiki() -> Iterator[Wiki]:
    with serving() as found:
        yield found


@contextmanager
def serving() -> Iterator[Wiki]:
    """A wiki on loopback."""
    wiki = Wiki()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wiki.asked.append(self.path)
            image = wiki.images.get(self.path)
            self.send_response(503 if self.path in wiki.busy else 200 if image else 404)
            if self.path in wiki.busy:
                self.send_header("Retry-After", "3600")
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(image or b"")))
            self.end_headers()
            self.wfile.write(image or b"")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    wiki.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield wiki
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Desk:
    """A store, a wiki, and the operator's settings."""

    folder: Path
    model: Path
    wiki: Wiki

    @property
    def out(self) -> Path:
        return self.folder / "approved.safetensors"

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.folder}/store.sqlite")

    def upload(self, number: int, image: bytes | None) -> FileRef:
        """A file that the bot came past; its thumbnail may be gone."""
        if image:
            self.wiki.images[f"/{number}.png"] = image
        file = file_ref(number, sha1=f"{number:x}")
        return replace(file, thumb_url=f"{self.wiki.url}/{number}.png")

    def say(self, file: FileRef, qid: Qid, verdict: Verdict, confirmed: bool) -> None:
        """A verdict, with an edit of the dialog found in the history or without."""
        number = int(file.mid[1:])
        one = decision(qid, verdict, number=number, revision=90 + number if confirmed else None)
        with self.store() as store:
            store.save_batch(
                store.start_run("bot", V, {}), V, [(file, NothingToSuggest(NothingReason.NOT_SURE))]
            )
            store.add_decisions(f"key {number} {qid}", [replace(one, sha1=file.sha1)], V)
            if confirmed:
                at = SAID - timedelta(minutes=1)
                claim = Claim(file.mid, qid, f"{file.mid}$x", 90 + number, at, V)
                store.add_claims([claim])

    def approve(self) -> Result:
        path = self.folder / "settings.toml"
        lines = {
            "database_url": f"sqlite:///{self.folder}/store.sqlite",
            "model": str(self.model),
            "approved": str(self.out),
        }
        path.write_text("".join(f'{key} = "{value}"\n' for key, value in lines.items()))
        return CliRunner().invoke(main, ["approve", "--from-store", "--config", str(path)])

    def score(self, image: bytes, qid: Qid) -> float:
        """How probable the item is, with the votes that there are."""
        linker = Linker.load(self.model, ZOO, Settings(approved=str(self.out)))
        weights = replace(linker.head.scorer.weights, votes=3.0)
        scorer = replace(linker.head.scorer, weights=weights)
        linker = replace(linker, head=replace(linker.head, scorer=scorer))
        (found,) = linker.read([image])
        assert isinstance(found, Evidence)
        return float(found.probabilities[linker.artefact.items.qids.index(qid)])


@pytest.fixture
def desk(tmp_path: Path, model_dir: Path, wiki: Wiki) -> Desk:
    return Desk(tmp_path, model_dir, wiki)


def test_an_approval_changes_the_score_of_a_near_duplicate_at_once(desk: Desk) -> None:
    image = photo(1)
    near = photo(1, kind="JPEG")  # the same picture, packed otherwise
    file = desk.upload(1, image)
    desk.say(desk.upload(2, photo(2)), q(4), Verdict.ACCEPTED, confirmed=False)
    assert desk.approve().stdout == f"{desk.out}: 0 of 0 images\n"
    before = desk.score(near, q(10))
    assert desk.wiki.asked == [], "a verdict without an edit is not even looked at"
    desk.say(file, q(10), Verdict.ACCEPTED, confirmed=True)
    done = desk.approve()
    assert (done.exit_code, done.stdout) == (0, f"{desk.out}: 1 of 1 images\n"), done.output
    after = desk.score(near, q(10))
    assert after > 1.5 * before
    assert desk.wiki.asked == ["/1.png"]
    assert desk.approve().exit_code == 0 and desk.wiki.asked == ["/1.png"], "it is fetched once"
    with desk.store() as store:
        store.settle(file.sha1, q(10), RefusalState.SHARED, SAID)
    assert desk.approve().stdout == f"{desk.out}: 0 of 0 images\n"
    assert desk.score(near, q(10)) == pytest.approx(before)


@pytest.mark.slow
def test_an_image_that_cannot_be_had_is_said_and_asked_for_again(desk: Desk) -> None:
    desk.say(desk.upload(1, photo(1)), q(10), Verdict.ACCEPTED, confirmed=True)
    desk.say(desk.upload(2, None), q(4), Verdict.ACCEPTED, confirmed=True)
    done = desk.approve()
    assert (done.exit_code, done.stdout) == (0, f"{desk.out}: 1 of 2 images\n"), done.output
    assert f"warning: {'2' * 40}: left out: http-404: " in done.stderr
    desk.wiki.images["/2.png"] = photo(2)
    assert desk.approve().stdout == f"{desk.out}: 2 of 2 images\n"
    assert desk.wiki.asked == ["/1.png", "/2.png", "/2.png"]


def test_votes_outlive_a_retraining(desk: Desk) -> None:
    """What is fitted anew lies behind the encoder; another way out of the encoder does not."""
    desk.say(desk.upload(1, photo(1)), q(10), Verdict.ACCEPTED, confirmed=True)
    assert desk.approve().exit_code == 0
    refitted = replace(table(), n_train=np.full(5, 7, np.int32), hub=np.full(5, 0.1))
    save(desk.folder / "refitted", refitted)
    names = "items.safetensors", "manifest.json"
    kept = [load(folder, None).manifest.hashes for folder in (desk.model, desk.folder / "refitted")]
    assert kept[0][names[0]] != kept[1][names[0]]
    settings = Settings(approved=str(desk.out))
    assert Linker.load(desk.folder / "refitted", ZOO, settings).head.scorer.approved is not None


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([], "either LIST or --from-store"),
        (["list.csv", "--from-store"], "either LIST or --from-store"),
        (["--from-store"], "no file to write: say --out, or set `approved`"),
    ],
)
def test_what_is_missing_is_said(words: list[str], fault: str) -> None:
    done = CliRunner().invoke(main, ["approve", *words])
    assert done.exit_code == 2 and fault in done.stderr


def test_a_store_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'database_url = "sqlite:///{tmp_path}/none.sqlite"\n')
    words = ["approve", "--from-store", "--config", str(path), "--out", str(tmp_path / "o")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2 and "none.sqlite" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "o").exists()
