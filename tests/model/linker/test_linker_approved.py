"""Approved images vote at once; their file is whole, of this encoder, or refused."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from safetensors.numpy import save_file

from depicts_model.catalog import Catalog
from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.linker.explain import explain
from depicts_model.linker.link import Linker
from depicts_model.settings import Settings
from depicts_model.types import FileContext

from .conftest import photo, save, table
from .world import ZOO, q

Context = Callable[..., FileContext]


def listed(folder: Path, rows: list[tuple[str, str]]) -> Path:
    for seed, (name, _) in enumerate(rows):
        (folder / name).write_bytes(photo(seed))
    with (folder / "list.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "items"), *rows])
    return folder / "list.csv"


def approve(folder: Path, model: Path, rows: list[tuple[str, str]]) -> Path:
    out = folder / "approved.safetensors"
    command = ["approve", str(listed(folder, rows)), "--model", str(model), "--out", str(out)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    return out


def test_an_approval_counts_at_once(tmp_path: Path, model_dir: Path, context: Context) -> None:
    out = approve(tmp_path, model_dir, [("a.png", "Q10"), ("b.png", "Q4|Q999")])
    before = Linker.load(model_dir, ZOO, Settings())
    after = Linker.load(model_dir, ZOO, Settings(approved=str(out)))
    weights = replace(after.head.scorer.weights, votes=3.0)
    after = replace(
        after, head=replace(after.head, scorer=replace(after.head.scorer, weights=weights))
    )
    rows = {qid: row for row, qid in enumerate(after.artefact.items.qids)}
    for seed, item in ((0, q(10)), (1, q(4))):
        (bare,), (told,) = before.read([photo(seed)]), after.read([photo(seed)])
        assert told.probabilities[rows[item]] > bare.probabilities[rows[item]]  # type: ignore[union-attr]
    found = explain(after, context(1), photo(0), limit=5)
    votes = {j.item: j.candidate.evidence["votes"] for j in found.judgements}
    assert votes[q(10)] == pytest.approx(3 * 0.693, abs=0.3) and max(votes, key=votes.get) == q(10)  # type: ignore[arg-type]


def test_two_runs_at_once_both_end_and_leave_a_whole_file(
    tmp_path: Path, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "depicts_model.linker.approved_file.save_file"

    def overtaken(arrays: Any, path: Path, metadata: dict[str, str]) -> None:
        save_file(arrays, path, metadata=metadata)
        monkeypatch.setattr(place, save_file)
        approve(tmp_path, model_dir, [("a.png", "Q4")])

    monkeypatch.setattr(place, overtaken)
    out = approve(tmp_path, model_dir, [("a.png", "Q10")])
    voting = Linker.load(model_dir, ZOO, Settings(approved=str(out))).head.scorer.approved
    assert voting is not None and voting.items == 5
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", "list.csv", out.name}


def test_approvals_of_another_encoder_are_refused(tmp_path: Path, model_dir: Path) -> None:
    out = approve(tmp_path, model_dir, [("a.png", "Q10")])
    save(tmp_path / "other", replace(table(), projection=-table().projection))  # type: ignore[operator]
    with pytest.raises(ArtefactError, match=r"approved.safetensors: made with another encoder"):
        Linker.load(tmp_path / "other", ZOO, Settings(approved=str(out)))


def test_approvals_of_unknown_items_are_none_and_said(
    tmp_path: Path, model_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = approve(tmp_path, model_dir, [("a.png", "Q10|Q999")])
    assert Linker.load(model_dir, ZOO, Settings(approved=str(out))) and not caplog.messages
    out = approve(tmp_path, model_dir, [("a.png", "Q999")])
    linker = Linker.load(model_dir, ZOO, Settings(approved=str(out)))
    assert linker.head.scorer.approved is None
    (line,) = caplog.messages
    assert line.startswith(f"{out}: names no item that the model knows")


def test_a_file_that_is_not_there_costs_no_other(tmp_path: Path, model_dir: Path) -> None:
    table = listed(tmp_path, [("a.png", "Q10"), ("b.png", "Q4"), ("c.png", "Q4")])
    (tmp_path / "b.png").unlink()
    out = tmp_path / "o.safetensors"
    words = ["approve", str(table), "--model", str(model_dir), "--out", str(out)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0 and done.stdout == f"{out}: 2 of 3 images\n"
    assert f"warning: {tmp_path / 'b.png'}: left out: No such file or directory\n" in done.stderr


def test_items_whose_approval_shows_nothing_are_counted(tmp_path: Path) -> None:
    with Catalog.open() as starter:
        person = min(starter.people)
    known = table((q(4), q(10), person))
    save(tmp_path / "model", known)
    shown = listed(tmp_path, [("a.png", f"Q999|Q998|{person}"), ("b.png", "Q4|Q10")])
    path = tmp_path / "model" / "calibration.json"
    said = json.loads(path.read_text())
    del said["supported"]["Q10"]
    text = json.dumps(said)
    path.write_text(text)
    manifest = tmp_path / "model" / "manifest.json"
    whole = json.loads(manifest.read_text())
    whole["hashes"]["calibration.json"] = hashlib.sha256(text.encode()).hexdigest()
    manifest.write_text(json.dumps(whole))
    out = tmp_path / "o.safetensors"
    words = ["approve", str(shown), "--model", str(tmp_path / "model"), "--out", str(out)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("warning: ")] == [
        f"warning: {shown}: 2 of 5 items are unknown to the model, so without votes (Q998, Q999)",
        f"warning: {shown}: 1 of 5 items are people, so without votes ({person})",
        f"warning: {shown}: 1 of 5 items are not shown by this model yet: "
        "too few calibration photos show them (Q10)",
    ]


@pytest.mark.parametrize("damage", ["missing", "cut", "foreign"])
def test_a_damaged_file_is_named(tmp_path: Path, model_dir: Path, damage: str) -> None:
    out = approve(tmp_path, model_dir, [("a.png", "Q10")])
    whole = out.read_bytes()
    if damage == "missing":
        out.unlink()
    else:
        out.write_bytes(whole[:-4] if damage == "cut" else b"not this")
    with pytest.raises(ArtefactError, match=r"approved.safetensors: no file of approved images"):
        Linker.load(model_dir, ZOO, Settings(approved=str(out)))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name,items\n", "line 1: no column 'file'"),
        ("file,items\na.png,cat\n", "line 2: not an item id: 'cat'"),
        ("file,items\na.png\n", "line 2: wrong number of fields"),
        ("items,file\nQ146\n", "line 2: wrong number of fields"),
        ("file,items\na.png,\n", "line 2: not an item id: ''"),
        ("file,items\ngone.png,Q4\n", "gone.png: left out: No such file"),
        ("file,items\nbad.png,Q4\n", "no image that can be read"),
        ("file,items\n", "no image that can be read"),
    ],
)
def test_a_bad_list_is_one_line(tmp_path: Path, model_dir: Path, text: str, fault: str) -> None:
    (tmp_path / "bad.png").write_bytes(b"junk")
    (tmp_path / "list.csv").write_text(text, "utf-8")
    out = tmp_path / "o.safetensors"
    words = ["approve", str(tmp_path / "list.csv"), "--model", str(model_dir), "--out", str(out)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2 and fault in done.output and not out.exists()


def test_people_get_no_votes(tmp_path: Path, model_dir: Path) -> None:
    out = approve(tmp_path, model_dir, [("a.png", "Q10"), ("b.png", "Q4")])
    world = replace(ZOO, people=frozenset({q(10)}))
    cache = Linker.load(model_dir, world, Settings(approved=str(out))).head.scorer.approved
    assert cache is not None and cache.shown == ((0,),) and cache.items == 5
