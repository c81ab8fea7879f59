"""Our own rule: what must never be learnt as an answer, and what stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from depicts_model.catalog import Catalog
from depicts_model.dataset.commons import Commons
from depicts_model.dataset.rows import Row, Told
from depicts_model.types import Qid

EGYPTIAN_CAT = Qid("Q7295")


@pytest.fixture(scope="module")
def catalog() -> Iterator[Catalog]:
    with Catalog.open() as opened:
        yield opened


def applied(catalog: Catalog, *things: tuple[Qid, ...]) -> tuple[list[tuple[Qid, ...]], Told]:
    told = Told()
    return [*Commons(catalog).apply(Row("a", "test", things), told).things], told


def test_nothing_of_the_lists_is_left(catalog: Catalog) -> None:
    held = {below for qid in catalog.withhold for below in catalog.descendants(qid)}
    listed = catalog.never_suggest | catalog.people | catalog.withhold | held
    assert len(catalog.never_suggest) > 100 and catalog.people and catalog.withhold
    for qid in listed:
        assert applied(catalog, (qid,))[0] == [], qid


def test_each_is_counted_by_its_reason(catalog: Catalog) -> None:
    for qids, reason in (
        (catalog.people, "people"),
        (catalog.never_suggest - catalog.people, "never suggested"),
        ({Qid("Q999999999")}, "not in the catalog"),
    ):
        assert applied(catalog, (min(qids),))[1].counts == {f"uses dropped: {reason}": 1}


def test_no_item_above_another_of_the_file_is_left(catalog: Catalog) -> None:
    above = sorted(catalog.ancestors(EGYPTIAN_CAT) & catalog.depictable - catalog.never_suggest)
    assert above
    for ancestor in above:
        found, told = applied(catalog, (ancestor,), (EGYPTIAN_CAT,))
        assert found == [(EGYPTIAN_CAT,)], ancestor
        assert told.counts["uses dropped: above another item of the file"] == 1


def test_an_alternative_above_another_stays(catalog: Catalog) -> None:
    """Both name one thing: neither makes the other redundant."""
    (above, *_) = sorted(catalog.ancestors(EGYPTIAN_CAT) & catalog.visual)
    assert applied(catalog, (EGYPTIAN_CAT, above))[0] == [(EGYPTIAN_CAT, above)]


def test_of_alternatives_those_that_may_stay_are_left(catalog: Catalog) -> None:
    assert applied(catalog, (min(catalog.people), EGYPTIAN_CAT))[0] == [(EGYPTIAN_CAT,)]


def test_an_item_stays_however_rare_it_is(catalog: Catalog) -> None:
    for qid in sorted(catalog.visual - catalog.withhold)[:50]:
        if qid not in {b for w in catalog.withhold for b in catalog.descendants(w)}:
            assert applied(catalog, (qid,))[0] == [(qid,)]
