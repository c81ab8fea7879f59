"""Display mode of ours and of both linear probes on the works of one setting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

from depicts_model.claims import HUMAN
from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments import equal
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.results import OURS
from depicts_model.linker.experiments.showing import Stage, Telling, displayed, telling
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.systems import by_name
from depicts_model.linker.experiments.trials import CAP, chosen
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.experiments.world import World
from depicts_model.linker.facts import Facts
from depicts_model.types import Qid

PROBES: Final = ("linear-probe", "linear-probe-whitened")


def displays(
    works: Sequence[Work], world: World, facts: Facts, say: Callable[[str], None]
) -> list[Displayed]:
    """What ours shows by each rule, and what the probes and a constant show for as many images."""
    found: list[Displayed] = []
    for work in works:
        say(f"{work.setting} {work.seed}: display mode")
        try:
            found += _shown(work, world, facts)
        except ArtefactError as error:  # the ranking stands without it
            say(f"{work.setting} {work.seed}: left out: {error}")
    return found


def _shown(work: Work, world: World, facts: Facts) -> list[Displayed]:
    _, stage = _stage(OURS, work, facts)
    found = displayed(OURS, work, stage, world)
    own = next((one for one in found if one.chosen), None)
    if own is not None:
        coverage = own.figures()["coverage"]
        for name in PROBES:
            found += _probe(name, work, world, facts, coverage)
    return [*found, equal.constant(work, stage, world)]


def _probe(name: str, work: Work, world: World, facts: Facts, coverage: float) -> list[Displayed]:
    answers, stage = _stage(name, work, facts)
    return [
        equal.best_items(name, work, answers, stage, world, coverage),
        equal.climbed(name, work, stage, world, coverage),
    ]


def _stage(name: str, work: Work, facts: Facts) -> tuple[Telling, Stage]:
    system, blind = by_name(name), work.blind()
    answers = telling(system.fit(blind, chosen(system), Clock(CAP)), blind)
    try:
        return answers, Stage.of(blind, answers, facts)
    except ValueError as error:
        raise ArtefactError(f"{name}: too few photos to calibrate: {error}") from None


def broken_promises(shown: Sequence[Displayed], facts: Facts) -> int:
    """How many suggestions break a promise: barred, withheld, of people, or above another's item.

    Promises 1 to 3 of the product, as the catalog's lists and hierarchy have them.
    """
    barred = {*facts.never_suggest, *facts.people, *facts.withhold, *facts.too_general, HUMAN}
    faults = 0
    for one in shown:
        by_image: dict[int, set[Qid]] = {}
        for image, item in zip(one.shown.image.tolist(), one.items, strict=True):
            above = {*facts.ancestors(item)}
            beside = by_image.setdefault(image, set())
            faults += item in barred or bool(above & {HUMAN, *facts.withhold})
            faults += bool(above & beside)
            faults += any(item in {*facts.ancestors(other)} for other in beside)
            beside.add(item)
    return faults


def ratios_of_errors(
    shown: Sequence[Displayed], works: Sequence[Work]
) -> dict[str, dict[str, float]]:
    """Ours' errors over each rival's at equal coverage: ``value``, ``low``, ``high``, by name."""
    own = [one for one in shown if one.system == OURS and one.chosen]
    files = {work.seed: work.test.files for work in works}
    found: dict[str, dict[str, float]] = {}
    for name in PROBES:
        for rule in (equal.ARGMAX, equal.CLIMB):
            rival = [one for one in shown if (one.system, one.rule) == (name, rule)]
            if own and [one.seed for one in own] == [one.seed for one in rival]:
                found[f"{name}, {rule}"] = asdict(equal.ratio_of_errors(own, rival, files))
    return found
