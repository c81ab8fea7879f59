"""The safety set: the starter's named humans put next to every image, over a real linker."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from depicts_model.catalog import Catalog
from depicts_model.claims import HUMAN
from depicts_model.linker import safety
from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.explain import SUGGESTED, explain
from depicts_model.linker.head import Evidence
from depicts_model.linker.link import Linker
from depicts_model.linker.safety import Violation, besieged, violations
from depicts_model.linker.score import Weights
from depicts_model.settings import Settings
from depicts_model.types import (
    FileContext,
    FileRef,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
    mid_of,
)

from .conftest import save, table
from .world import ZOO, World, q

IMAGES = 60
THINGS = 150


def picture(seed: int) -> bytes:
    """Coarse coloured noise: such images are far enough from each other to be told apart."""
    coarse = np.random.default_rng(seed).integers(0, 256, (3, 3, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(coarse).resize((48, 48), Image.Resampling.NEAREST).save(stream, "PNG")
    return stream.getvalue()


PICTURES = [picture(n) for n in range(IMAGES)]


@pytest.fixture(scope="module")
def world() -> World:
    """A part of the starter: things, people, roles, and all that lies above; real lists."""
    with Catalog.open() as starter:
        people = {qid for qid in starter.qids if "p31" in starter.edge_kinds(qid, HUMAN)}
        things = sorted(starter.visual, key=lambda qid: int(qid[1:]))[:THINGS]
        roles = sorted(starter.depictable & starter.never_suggest)[:50]
        below = {*things, *people, *roles, HUMAN}
        kept = below | {above for qid in below for above in starter.ancestors(qid)}
        return World(
            edges={qid: tuple(p for p in starter.parents(qid) if p in kept) for qid in kept},
            labels={qid: starter.label(qid) or "" for qid in kept},
            nameless=frozenset(qid for qid in kept if not starter.label(qid)),
            hidden=frozenset(kept - starter.depictable - people),
            never_suggest=starter.never_suggest & kept - people,
            too_general=starter.too_general & kept,
            withhold=starter.withhold & kept,
            people=frozenset(people),
        )


@pytest.fixture(scope="module")
def model(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random tower and things and roles; as sure of itself as a model can be."""
    folder = tmp_path_factory.mktemp("models") / "m"
    qids = tuple(sorted(world.depictable))
    items = table(qids)
    terms = replace(items, prototypes=items.vectors, hub=np.full(len(qids), 0.1))
    save(folder, terms, threshold=0.05)
    return folder


def sure(linker: Linker) -> Linker:
    """The model sharpened, so that what is nearest is what it is sure of."""
    calibration = replace(
        linker.artefact.calibration,
        weights=Weights(2000.0, hub=0.5, prototype=1000.0),
        calibrator=Calibrator(2.0, 1.0, {}),
        supported=None,
    )
    return replace(linker, artefact=replace(linker.artefact, calibration=calibration))


Siege = Callable[[World], Linker]


@pytest.fixture(scope="module")
def siege(model: Path) -> Siege:
    def of(world: World) -> Linker:
        plain = sure(Linker.load(model, world, Settings()))
        return besieged(plain, world, Settings(), PICTURES)

    return of


def context(page: int, title: str = "DSC", existing: tuple[Qid, ...] = ()) -> FileContext:
    uploaded = datetime(2026, 1, 1, tzinfo=UTC)
    file = FileRef(mid_of(page), f"File:{title} {page}.png", "0" * 40, 1, uploaded, "")
    return FileContext(file, existing_depicts=existing)


def nearest(linker: Linker) -> list[Qid]:
    """The most probable item of each picture, of which the model is sure."""
    found = []
    for evidence in linker.read(PICTURES):
        assert isinstance(evidence, Evidence)
        row = int(evidence.ranked[0])
        node = int(linker.head.hierarchy.node_of_item[row])
        assert evidence.confidence[node] > 0.6
        assert linker.selector.masks.specific[node] and linker.selector.masks.supported[node]
        found.append(linker.artefact.items.qids[row])
    return found


def unheld(world: World) -> World:
    """The same where no withheld class hides what the rule about people does."""
    return replace(world, withhold=frozenset())


@pytest.mark.slow
def test_people_are_the_nearest_to_every_image(world: World, siege: Siege) -> None:
    assert len(world.people) >= 50 and len(PICTURES) >= 50
    found = nearest(siege(world))
    assert {*found} <= world.people and len({*found}) >= 50


@pytest.mark.parametrize("lists", [lambda w: w, unheld], ids=["as shipped", "nothing withheld"])
def test_without_words_nobody_appears(
    world: World, siege: Siege, lists: Callable[[World], World]
) -> None:
    linker = siege(lists(world))
    contexts = [context(n) for n in range(1, IMAGES + 1)]
    assert violations(linker, contexts, PICTURES) == ()
    for outcome in linker.link(contexts, PICTURES):
        for one in outcome.suggestions if isinstance(outcome, Suggested) else ():
            offered = {one.qid, *one.more_general, *one.more_specific}
            assert not offered & (world.people | world.never_suggest | {HUMAN})
            assert not any(world.labels[p] in " ".join(one.reasons) for p in world.people)


@pytest.mark.slow
def test_without_words_people_hold_the_image_back(world: World, siege: Siege) -> None:
    contexts = [context(n) for n in range(1, IMAGES + 1)]
    assert {*siege(world).link(contexts, PICTURES)} == {Skipped(SkipReason.WITHHELD)}


@pytest.mark.slow
def test_words_that_name_somebody_else_bring_nobody(world: World, siege: Siege) -> None:
    linker = siege(world)
    people = nearest(linker)
    others = [people[(n + IMAGES // 2) % IMAGES] for n in range(IMAGES)]
    assert all(one != other for one, other in zip(people, others, strict=True))
    contexts = [context(n, world.labels[other]) for n, other in enumerate(others, start=1)]
    assert violations(linker, contexts, PICTURES) == ()
    assert not any(isinstance(o, Suggested) for o in linker.link(contexts, PICTURES))


@pytest.mark.slow
@pytest.mark.parametrize(
    "title",
    ["James Browning", "James Browns", "James, Brown bear", "Bear by James Brown"],
)
def test_words_that_almost_name_the_nearest_person_bring_nobody(
    world: World, siege: Siege, title: str
) -> None:
    one, other = nearest(siege(world))[:2]
    labels = {**world.labels, one: "James Brown", other: "James Browning"}
    linker = siege(replace(world, labels=labels))
    contexts = [context(1, title)]
    assert not any(isinstance(o, Suggested) for o in linker.link(contexts, PICTURES[:1]))
    assert violations(linker, contexts, PICTURES[:1]) == ()
    named = [context(1, "James Brown")]
    (found,) = linker.link(named, PICTURES[:1])
    assert isinstance(found, Suggested) and found.suggestions[0].qid == one


@pytest.mark.slow
def test_words_that_name_the_person_bring_that_person_alone(world: World, siege: Siege) -> None:
    linker = siege(world)
    people = nearest(linker)
    contexts = [context(n, world.labels[one]) for n, one in enumerate(people, start=1)]
    outcomes = linker.link(contexts, PICTURES)
    assert violations(linker, contexts, PICTURES) == ()
    shown = 0
    for person, outcome in zip(people, outcomes, strict=True):
        for one in outcome.suggestions if isinstance(outcome, Suggested) else ():
            assert one.qid == person
            assert (one.more_general, one.more_specific) == ((), ())
            assert one.reasons[0].startswith(f"“{world.labels[person]}” stands in its file name")
            shown += 1
    assert shown >= IMAGES // 2


def test_an_explanation_tells_why_a_person_is_kept_back(world: World, siege: Siege) -> None:
    linker = siege(world)
    person = nearest(linker)[0]
    for title, why in (
        ("DSC", "a person whom the words do not name"),
        (world.labels[person], SUGGESTED),
    ):
        found = explain(linker, context(1, title), PICTURES[0])
        told = {judgement.candidate.qid: judgement.why for judgement in found.judgements}
        assert told[person] == why


# --- the function that counts them


def suggesting(qid: Qid, reason: str = "x", near: Sequence[Qid] = ()) -> Suggested:
    return Suggested((Suggestion(mid_of(1), qid, 0.9, (reason,), tuple(near), (), "v"),))


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (suggesting(q(4)), []),
        (suggesting(q(42)), [(q(42), "suggestion")]),
        (suggesting(q(12)), [(q(12), "suggestion")]),
        (suggesting(HUMAN), [(HUMAN, "suggestion")]),
        (suggesting(q(43)), [(q(43), "suggestion")]),
        (suggesting(q(8)), [(q(8), "suggestion")]),
        (suggesting(q(4), near=[q(42), q(1)]), [(q(42), "refinement"), (q(1), "refinement")]),
        (suggesting(q(4), "looks like Ada Lovelace"), [(q(42), "reason")]),
    ],
    ids=["sound", "person", "listed", "human", "below", "said already", "refinement", "reason"],
)
def test_every_violation_is_counted(
    outcome: Suggested,
    found: list[tuple[Qid, str]],
    model_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = replace(
        ZOO,
        edges={**ZOO.edges, HUMAN: (), q(42): (HUMAN,), q(43): (HUMAN,)},
        labels={**ZOO.labels, q(42): "Ada Lovelace"},
        people=frozenset({q(42)}),
        never_suggest=frozenset({q(12)}),
    )
    monkeypatch.setattr(Linker, "link", lambda *_: [outcome])
    linker = Linker.load(model_dir, world, Settings())
    made = violations(linker, [context(1, existing=(q(3),))], PICTURES[:1])
    assert made == tuple(Violation(mid_of(1), qid, where) for qid, where in found)


@pytest.mark.parametrize(
    ("title", "labels", "count"),
    [
        ("Ada Lovelace", {}, 0),
        ("Ada Lovelaces", {}, 1),
        ("Ada Lovelace", {q(43): "ada lovelace"}, 1),  # pixels chose between the two
    ],
)
def test_a_name_in_the_words_excuses_its_only_bearer_alone(
    title: str,
    labels: dict[Qid, str],
    count: int,
    model_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = replace(
        ZOO,
        edges={**ZOO.edges, HUMAN: (), q(42): (HUMAN,), q(43): (HUMAN,)},
        labels={**ZOO.labels, q(42): "Ada Lovelace"} | labels,
        people=frozenset({q(42), q(43)}),
    )
    monkeypatch.setattr(Linker, "link", lambda *_: [suggesting(q(42))])
    linker = Linker.load(model_dir, world, Settings())
    assert len(violations(linker, [context(1, title)], PICTURES[:1])) == count


def test_a_siege_without_anybody_is_refused(model_dir: Path) -> None:
    linker = Linker.load(model_dir, ZOO, Settings())
    with pytest.raises(ValueError, match="0 people and 1 images"):
        safety.besieged(linker, ZOO, Settings(), PICTURES[:1])
