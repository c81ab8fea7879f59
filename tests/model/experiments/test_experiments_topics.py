"""Topics: how they are made from the hierarchy, and a head for each, checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depicts_model.linker.experiments import topics
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.topics import Knobs
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.label_metrics import roc_auc

from .works import small_work

ANY = Knobs(kinds=1, least=0.0, largest=1.0, overlap=1.0)


def ladder() -> Work:
    """Kinds 0 to 11 have images. Above 0 to 5 stands 12, above 6 to 11 stands 13, above those 14.

    15 is above 0 to 5 too, and 16 above it; 17 is above 0 alone.
    """
    parents: dict[int, tuple[int, ...]]
    parents = dict.fromkeys(range(6), (12, 15)) | dict.fromkeys(range(6, 12), (13,))
    parents |= {0: (12, 15, 17), 12: (14,), 13: (14,), 15: (16,)}
    work = small_work()
    return replace(work, parents=tuple(parents.get(at, ()) for at in range(len(work.items))))


def test_nothing_of_the_test_part_is_looked_at() -> None:
    work, knobs = ladder(), Knobs(largest=0.9)
    told = topics.fit(work, knobs, Clock())
    blind = topics.fit(work.blind(), knobs, Clock())
    np.testing.assert_array_equal(told.weights, blind.weights)
    assert told.topics == blind.topics


def test_topics_are_broad_neither_rare_nor_everything_and_unlike_each_other() -> None:
    # 14 is everything, 17 is one kind; 12, 15 and 16 have the same images, and 12 and 15 the
    # fewest candidates below: the lower row is taken.
    assert topics.chosen(ladder(), Knobs(kinds=3, least=0.02, largest=0.9)) == (12, 13)


def test_a_topic_needs_its_kinds_and_its_share() -> None:
    work = ladder()
    assert topics.chosen(work, Knobs(kinds=7, largest=1.0)) == (14,)
    share = topics.shown(work, work.train, [13]).mean()
    assert topics.chosen(work, Knobs(kinds=5, largest=share)) == (13,)
    assert topics.chosen(work, Knobs(kinds=5, largest=share / 2)) == ()


def test_at_most_so_many_topics_the_largest_first() -> None:
    assert topics.chosen(ladder(), replace(ANY, most=2)) == (14, 12)


def test_an_image_shows_all_that_is_above_one_of_its_things() -> None:
    work = ladder()
    part = work.test.take(np.array([0, 1]))
    part = replace(part, truths=((frozenset({0}), frozenset({7})), (frozenset({3}),)))
    shown = topics.shown(work, part, [12, 13, 14, 17])
    assert shown.tolist() == [[True, True, True, True], [True, False, True, False]]


def test_a_cycle_ends() -> None:
    work = ladder()
    parents = tuple(
        (14,) if at == 16 else (15,) if at == 14 else p for at, p in enumerate(work.parents)
    )
    assert topics._upward(replace(work, parents=parents), 0) == {0, 12, 14, 15, 16, 17}


def test_the_table_has_a_row_for_each_topic_then_micro_and_macro() -> None:
    work, knobs = ladder(), Knobs(kinds=3, largest=0.9)
    rows = topics.table(work, Clock(), knobs)
    assert [row["topic"] for row in rows] == ["kind 12", "kind 13", "micro", "macro"]
    heads = topics.fit(work, knobs, Clock())
    found = heads.probabilities(work.test)
    right = topics.shown(work, work.test, heads.topics)
    both = (right & (found >= 0.5)).sum(axis=0)
    assert rows[0]["precision"] == pytest.approx(both[0] / (found[:, 0] >= 0.5).sum())
    assert rows[1]["recall"] == pytest.approx(both[1] / right[:, 1].sum())
    assert rows[0]["auc"] == pytest.approx(roc_auc(found, right)[0]) and rows[0]["auc"] > 0.8
    assert rows[-1]["auc"] == pytest.approx((rows[0]["auc"] + rows[1]["auc"]) / 2)
    assert rows[0]["images"] == right[:, 0].sum()


def test_a_rare_topic_is_asked_as_if_it_were_half_of_all() -> None:
    right = np.arange(100) < 4
    head = topics._head(np.zeros((100, 2)), right, ridge=0.1)
    assert head[0] == pytest.approx(0, abs=1e-4)


def test_a_figure_that_is_not_defined_is_none() -> None:
    work = ladder()
    alone = replace(work, test=work.test.take(np.flatnonzero(work.test.first() >= 6)))
    rows = topics.table(alone, Clock(), Knobs(kinds=3, largest=0.9))
    assert rows[0]["images"] == 0 and rows[0]["recall"] is None and rows[0]["auc"] is None


def test_it_stops_by_the_clock_with_one_half_for_all() -> None:
    work, clock = ladder(), Clock(seconds=-1)
    heads = topics.fit(work, Knobs(largest=0.9), clock)
    assert clock.capped and (heads.probabilities(work.test) == 0.5).all()


def test_without_a_hierarchy_there_is_no_table() -> None:
    work = small_work()
    flat = replace(work, parents=((),) * len(work.items))
    assert topics.table(flat, Clock()) == []
