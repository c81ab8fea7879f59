"""``depicts-model index``: an artefact of the hub's encoder, which ranks but shows nothing."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from depicts_model.catalog import Catalog
from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker import encoders
from depicts_model.linker.checkpoint import Checkpoint
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.encoders import KNOWN, Source, check_known, source_of
from depicts_model.linker.link import Linker
from depicts_model.linker.training import evaluate as evaluating
from depicts_model.linker.training import index as indexing
from depicts_model.linker.training.index import Order, index, mean_vectors, texts_of
from depicts_model.settings import Settings
from depicts_model.types import FileContext, NothingToSuggest, Qid
from tests.model.linker.conftest import photo

from .snapshots import REVISION

LABELS = {"Q146": "house cat", "Q144": "dog", "Q726": "horse", "Q503": "banana", "Q89": "apple"}


@pytest.fixture(scope="module")
def catalog_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five items that can be depicted."""
    folder = tmp_path_factory.mktemp("catalog")
    head = "qid,label,visual,p31,p279,broader_wordnet,broader_other"
    rows = [f"{qid},{label},1,,,," for qid, label in LABELS.items()]
    (folder / "items.csv").write_text("\n".join([head, *rows]) + "\n")
    words = ["catalog", "build", str(folder / "items.csv"), "--source", "csv"]
    done = CliRunner().invoke(main, [*words, "--out", str(folder / "c.sqlite")])
    assert done.exit_code == 0, done.stderr
    return folder / "c.sqlite"


def run(cache: Path, catalog: Path, folder: Path, *more: str, kind: str = "clip") -> Result:
    words = ["index", "--encoder", f"toy/{kind}", "--revision", REVISION, "--cache", str(cache)]
    where = ["--catalog", str(catalog), "--work", str(folder / "work"), "--out", str(folder / "m")]
    return CliRunner().invoke(main, [*words, *where, *more])


def context() -> FileContext:
    from datetime import UTC, datetime

    from depicts_model.types import FileRef, mid_of

    at = datetime(2026, 1, 1, tzinfo=UTC)
    return FileContext(FileRef(mid_of(1), "File:1.png", "0" * 40, 1, at, ""))


def test_an_indexed_encoder_is_a_model_that_shows_nothing(
    cache: Path, catalog_file: Path, kind: str, tmp_path: Path
) -> None:
    done = run(cache, catalog_file, tmp_path, kind=kind)
    assert done.exit_code == 0, done.stderr
    assert f"toy/{kind} at {REVISION}" in done.stdout and "shows nothing" in done.stdout
    assert list((tmp_path / "work").iterdir()) == []
    with Catalog.open(catalog_file) as catalog:
        made = artefacts.load(tmp_path / "m", catalog)
        linker = Linker.load(tmp_path / "m", catalog, Settings())
        (outcome,) = linker.link([context()], [photo()])
    assert isinstance(outcome, NothingToSuggest)
    assert (made.manifest.encoder, made.manifest.encoder_revision) == (f"toy/{kind}", REVISION)
    assert made.calibration.display_threshold is None and not made.manifest.thresholds
    assert made.calibration.weights.similarity == pytest.approx(np.exp(3.0))
    assert made.manifest.metrics.get("logit_bias") == (None if kind == "clip" else -9.0)
    assert set(made.items.qids) == set(LABELS) and not made.items.known.any()
    assert np.ptp(made.items.log_prior) == 0
    assert not made.manifest.demo
    card = (tmp_path / "m" / "card.md").read_text()
    assert "not calibrated and shows nothing" in card and REVISION in card


def test_a_language_without_labels_is_said(cache: Path, catalog_file: Path, tmp_path: Path) -> None:
    done = run(cache, catalog_file, tmp_path, "--languages", "en,fr, de")
    assert done.exit_code == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert [line.rpartition(": ")[2] for line in said] == ["no label in de", "no label in fr"]


def test_the_artefact_sees_what_the_checkpoint_sees(
    cache: Path, catalog_file: Path, kind: str, checkpoint_dir: Path, tmp_path: Path
) -> None:
    """Up to the half floats on disk."""
    assert run(cache, catalog_file, tmp_path, kind=kind).exit_code == 0
    from depicts_model.linker.images import decode, to_tensor
    from depicts_model.linker.towers import forward

    checkpoint = Checkpoint.read(checkpoint_dir)
    pixels = to_tensor([decode(photo(), 1)], checkpoint.preprocess)
    whole = forward(checkpoint.vision(), pixels)[0]
    found, _ = Encoder.load(tmp_path / "m").encode([photo()])
    assert found[0] @ whole / np.linalg.norm(whole) >= 0.9999


def test_evaluate_judges_it(
    cache: Path, catalog_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(cache, catalog_file, tmp_path).exit_code == 0
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.png", photo(number))
    rows = [f"{n}.png,{qid},x,made,high" for n, qid in enumerate(list(LABELS)[:4])]
    (tmp_path / "photos.csv").write_text("\n".join(["file,items,label,set,confidence", *rows]))
    words = ["evaluate", "--photos", tmp_path / "photos.zip", "--list", tmp_path / "photos.csv"]
    where = ["--set", "made", "--model", tmp_path / "m", "--catalog", catalog_file]
    done = CliRunner().invoke(main, [str(word) for word in (*words, *where)])
    assert done.exit_code == 0, done.stderr
    assert "test_top10: 1" in done.stdout
    assert done.stdout.splitlines()[-1] == "safety_violations: 0"
    monkeypatch.setattr(evaluating, "_broken", lambda *_: 2)
    done = CliRunner().invoke(main, [str(word) for word in (*words, *where)])
    assert done.exit_code == 1, "a model that shows people"
    assert done.stdout.splitlines()[-1] == "safety_violations: 2"


def test_nothing_is_written_where_the_encoder_is_not_to_be_had(
    cache: Path, catalog_file: Path, tmp_path: Path
) -> None:
    for words, said in (
        (["--encoder", "toy/none"], "toy/none at"),
        (["--encoder", "clip"], "no encoder 'clip'; there are siglip2-base-patch32-256 (CPU "),
        (["--languages", " , "], "no language"),
        (["--revision", "main"], "not a revision of 40 hex digits: 'main'"),
    ):
        done = run(cache, catalog_file, tmp_path, *words)
        assert done.exit_code == 2 and said in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_is_taken_up_and_ends_in_the_same_bytes(
    cache: Path, catalog_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "CHUNK", 2)
    whole = tmp_path / "whole"
    assert run(cache, catalog_file, whole).exit_code == 0
    real, calls = Checkpoint.encode_texts, [0]

    def dying(self: Checkpoint, texts: list[str]) -> object:
        calls[0] += 1
        if calls[0] == 2:
            raise KeyboardInterrupt
        return real(self, texts)

    monkeypatch.setattr(Checkpoint, "encode_texts", dying)
    assert run(cache, catalog_file, tmp_path).exit_code == 130
    (kept,) = (tmp_path / "work").iterdir()
    assert not (tmp_path / "m").exists()
    assert run(cache, catalog_file, tmp_path).exit_code == 0
    assert calls[0] == 4, "three chunks, one of them twice begun"
    assert not kept.exists()
    for name in ("items.safetensors", "manifest.json", "card.md"):
        assert (tmp_path / "m" / name).read_bytes() == (whole / "m" / name).read_bytes()


def test_no_vector_is_lost_where_the_artefact_cannot_be_written(
    cache: Path, catalog_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ArtefactError("No space left on device")

    with monkeypatch.context() as staying:
        staying.setattr(artefacts, "save", full)
        assert run(cache, catalog_file, tmp_path).exit_code == 2
    assert len(list((tmp_path / "work").iterdir())) == 1
    monkeypatch.setattr(Checkpoint, "encode_texts", None)
    assert run(cache, catalog_file, tmp_path).exit_code == 0
    assert list((tmp_path / "work").iterdir()) == []


def test_a_damaged_chunk_is_made_anew(
    cache: Path, catalog_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as staying:
        staying.setattr(Path, "unlink", lambda self: None)
        assert run(cache, catalog_file, tmp_path).exit_code == 0
    (chunk,) = (tmp_path / "work").iterdir()
    before = (tmp_path / "m" / "items.safetensors").read_bytes()
    for damage in (b"", b"cut", chunk.read_bytes()[:-9]):
        chunk.write_bytes(damage)
        assert run(cache, catalog_file, tmp_path).exit_code == 0
        assert (tmp_path / "m" / "items.safetensors").read_bytes() == before


# --- vectors of items ---


class Polyglot:
    """A catalog of three items; the last has no label at all."""

    snapshot = "x"
    depictable = frozenset({Qid("Q146"), Qid("Q9"), Qid("Q10")})

    def labels(self, qid: Qid) -> dict[str, str]:
        known = {"Q146": {"en": "cat", "de": "Katze"}, "Q9": {"fr": "chien"}}
        return known.get(qid, {})

    def label(self, qid: Qid, language: str = "en") -> str | None:
        return next(iter(self.labels(qid).values()), None)


def test_each_language_gives_its_own_label_and_english_its_prompts() -> None:
    found = texts_of(Polyglot(), ("de", "en"))  # type: ignore[arg-type]
    assert list(found) == ["Q9", "Q146"]
    assert found[Qid("Q9")] == (("chien",),)
    assert found[Qid("Q146")] == (
        ("Katze",),
        ("cat", "a photo of cat", "a picture showing cat"),
    )


def test_a_vector_is_the_mean_over_languages_of_the_mean_over_prompts(checkpoint_dir: Path) -> None:
    checkpoint = Checkpoint.read(checkpoint_dir)
    items = ((("katze",), ("cat", "a photo of cat")), (("dog",),))
    found = mean_vectors(items, checkpoint)
    katze, cat, of_cat, dog = checkpoint.encode_texts(["katze", "cat", "a photo of cat", "dog"])
    english = (cat + of_cat) / np.linalg.norm(cat + of_cat)
    both = (katze + english) / np.linalg.norm(katze + english)
    assert np.allclose(found, [both, dog], atol=1e-5)


# --- the registry ---


def test_a_name_and_a_repository_lead_to_the_pinned_revision() -> None:
    for known in KNOWN:
        assert source_of(known.source.name) == known.source == source_of(known.source.repository)
    assert source_of(KNOWN[0].source.name, REVISION).revision == REVISION


def test_the_page_lists_every_encoder_as_the_registry_has_it() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "maintainers.md"
    text = page.read_text(encoding="utf-8")
    for known in KNOWN:
        row = next(
            line for line in text.splitlines() if line.startswith(f"| `{known.source.name}`")
        )
        assert f"`{known.source.revision}`" in row and known.source.licence in row


def test_what_is_not_pinned_needs_a_revision() -> None:
    with pytest.raises(ArtefactError, match="other/model: no revision is pinned for it"):
        source_of("other/model")
    assert source_of("other/model", REVISION) == Source("other/model", REVISION, "see other/model")


def test_a_pinned_encoder_that_is_something_else_is_refused(
    cache: Path, catalog_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong preprocessing would be quietly worse."""
    source = Source("toy/clip", REVISION, "MIT")
    (folder,) = (cache / "models--toy--clip" / "snapshots").iterdir()
    right = replace(KNOWN[1], source=source, dim=12, preprocess=Checkpoint.read(folder).preprocess)
    squash = replace(right.preprocess, crop="squash")
    with Catalog.open(catalog_file) as catalog:
        order = Order(source, ("en",), tmp_path / "work", tmp_path / "m")
        for wrong, said in (
            (replace(right, dim=512), "vectors should be 512, not 12"),
            (replace(right, preprocess=squash), "preprocessing should be"),
            (replace(right, biased=True), "logit bias should be True, not False"),
        ):
            monkeypatch.setattr(encoders, "KNOWN", (wrong,))
            with pytest.raises(ArtefactError, match=f"toy/clip at {REVISION}: its {said}"):
                index(order, folder, catalog)
        assert not (tmp_path / "m").exists()
        monkeypatch.setattr(encoders, "KNOWN", (right,))
        assert index(order, folder, catalog).licences["weights"] == "MIT (toy/clip)"
    check_known(Source("toy/clip", "0" * 40, "MIT"), squash, 1, biased=True)  # not pinned
