"""The explanation says what the outcome says, and names a reason for every rival."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from depicts_model.errors import ImageError
from depicts_model.linker.combine import LEAST
from depicts_model.linker.explain import SUGGESTED, explain
from depicts_model.linker.link import Linker
from depicts_model.linker.rules import Rule
from depicts_model.settings import Settings
from depicts_model.types import FileContext, Skipped, Suggested

from .conftest import photo, save
from .world import ZOO, World, q

Context = Callable[..., FileContext]


def loaded(folder: Path, world: World = ZOO, threshold: float | None = 0.3) -> Linker:
    save(folder / "m", threshold=threshold)
    return Linker.load(folder / "m", world, Settings(max_suggestions=2))


def whys(linker: Linker, file: FileContext, seed: int = 0) -> dict[str, str]:
    found = explain(linker, file, photo(seed), limit=5)
    return {one.candidate.qid: one.why for one in found.judgements}


def test_it_agrees_with_the_outcome(tmp_path: Path, context: Context) -> None:
    linker = loaded(tmp_path)
    for seed in range(8):
        file = context(1, (q(8),) if seed % 2 else ())
        (outcome,) = linker.link([file], [photo(seed)])
        found = explain(linker, file, photo(seed), limit=5)
        assert found.outcome == outcome
        shown = {one.candidate.qid for one in found.judgements if one.why == SUGGESTED}
        assert shown == (
            {s.qid for s in outcome.suggestions} if isinstance(outcome, Suggested) else set()
        )


def test_the_terms_of_the_page_lead_from_pixels_to_the_confidence(
    tmp_path: Path, context: Context
) -> None:
    linker = loaded(tmp_path)
    file = context(1)
    file = replace(file, file=replace(file.file, title="File:A tabby.png"))
    heard = 0
    for one in explain(linker, file, photo(), limit=5).judgements:
        page = sum(v for n, v in one.candidate.evidence.items() if n.startswith("page:"))
        at_least = expit(logit(np.clip(one.pixels, 1e-6, 1 - 1e-6)) + page)
        assert one.confidence >= at_least - 1e-6, "more only by what is below the node"
        heard += one.candidate.qid == q(4) and one.pixels >= LEAST and page > 2
        assert one.missing == ("camera",)
        assert {"similarity", "prior"} <= {*one.candidate.evidence}
    assert heard == 1


@pytest.mark.parametrize(
    ("world", "threshold", "reason"),
    [
        (replace(ZOO, never_suggest=frozenset({q(4), q(6), q(7)})), 0.3, "never suggested"),
        (replace(ZOO, hidden=frozenset({q(4), q(6), q(7)})), 0.3, "not to be shown"),
        (replace(ZOO, too_general=frozenset({q(4), q(6), q(7)})), 0.3, "too general"),
        (ZOO, 0.999, "not sure enough"),
        (ZOO, None, "not calibrated"),
    ],
)
def test_every_rival_has_its_reason(
    tmp_path: Path, context: Context, world: World, threshold: float | None, reason: str
) -> None:
    found = whys(loaded(tmp_path, world, threshold), context(1))
    assert all(found[item].startswith(reason) or reason in found[item] for item in (q(4), q(7)))


@pytest.mark.parametrize("rule", ["argmax", "darts"])
def test_a_rule_that_knows_no_threshold_blames_none(
    tmp_path: Path, context: Context, rule: Rule
) -> None:
    linker = loaded(tmp_path, threshold=0.999)
    rules = replace(linker.selector.rules, rule=rule)
    linker = replace(linker, selector=replace(linker.selector, rules=rules))
    found = whys(linker, context(1))
    assert list(found.values()).count(SUGGESTED) == 1
    rest = {why for why in found.values() if why != SUGGESTED}
    assert rest and all(why.startswith(f"the rule {rule} offers ") for why in rest)


def test_what_the_file_says_and_what_holds_it_back_are_reasons_too(
    tmp_path: Path, context: Context
) -> None:
    assert whys(loaded(tmp_path), context(1, (q(4),)))[q(4)].startswith("already said")
    strange = whys(loaded(tmp_path), context(1, (q(243),)))
    assert all(why.startswith("the file says Q243") for why in strange.values())
    held = loaded(tmp_path, replace(ZOO, withhold=frozenset({q(4)})), 0.05)
    found = [explain(held, context(1), photo(seed), limit=5) for seed in range(12)]
    back = [one for one in found if isinstance(one.outcome, Skipped)]
    assert back
    for one in back:
        reasons = {j.candidate.qid: j.why for j in one.judgements}
        assert reasons[q(4)].startswith("a withheld class")
        assert any(why.startswith("the file is held back") for why in reasons.values())


def test_a_bad_image_is_an_error(tmp_path: Path, context: Context) -> None:
    with pytest.raises(ImageError, match="0 bytes"):
        explain(loaded(tmp_path), context(1), b"")
