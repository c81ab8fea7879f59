"""The on-wiki page of lists: what is refused, what cannot be changed, what it changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.claims import HUMAN
from depicts_model.errors import ConfigurationError
from depicts_model.overrides import KEYS, NONE, RECORD, Overrides, check, parse, recorded
from depicts_model.settings import Settings
from depicts_model.types import Qid

from .linker.world import steady

PAGE = Settings().lists_page
ROOF, CAT, SURFING, WOMAN = map(Qid, ("Q83180", "Q146", "Q159992", "Q467"))


REFUSED = {
    "misspelt key": (
        '{"never_sugest": {"Q1": "x"}}',
        "unknown key 'never_sugest'; the nearest valid one is 'never_suggest'",
    ),
    "another case": ('{"Allow": {}}', "unknown key 'Allow'; the nearest valid one is 'allow'"),
    "key of nothing like": ('{"": {}}', "unknown key ''; the nearest valid one is "),
    "key of any length": (json.dumps({"x" * 10**6: {}}), "unknown key 'xxx"),
    "not JSON": ("{'allow': {}}", "not JSON: Expecting property name"),
    "empty page": ("", "not JSON: "),
    "nested without end": ("[" * 10**5, "not JSON: "),
    "a list": ("[]", "must be an object, not []"),
    "null": ("null", "must be an object, not None"),
    "items as a list": ('{"allow": ["Q1"]}', "allow: must be an object, not ['Q1']"),
    "no item id": ('{"allow": {"q1": "x"}}', "allow: not an item id: 'q1'"),
    "a property": ('{"allow": {"P180": "x"}}', "allow: not an item id: 'P180'"),
    "no reason": ('{"allow": {"Q1": ""}}', "allow: Q1: the reason must be a text, not ''"),
    "reason of a wrong type": (
        '{"allow": {"Q1": true}}',
        "Q1: the reason must be a text, not True",
    ),
    "key twice": ('{"withhold": {"Q1": "x"}, "withhold": {}}', "'withhold' is given twice"),
    "item twice": ('{"withhold": {"Q1": "x", "Q1": "y"}}', "'Q1' is given twice"),
    "barred and allowed": (
        '{"never_suggest": {"Q1": "x"}, "allow": {"Q1": "y"}}',
        "Q1 stands in both 'never_suggest' and 'allow'",
    ),
    "withheld and allowed": (
        '{"withhold": {"Q1": "x"}, "allow": {"Q1": "y"}}',
        "Q1 stands in both 'withhold' and 'allow'",
    ),
    "withheld and released": (
        '{"withhold": {"Q1": "x"}, "release": {"Q1": "y"}}',
        "Q1 stands in both 'withhold' and 'release'",
    ),
    "a human allowed": ('{"allow": {"Q5": "x"}}', "allow: Q5 is about people, and stays listed"),
    "a human released": ('{"release": {"Q5": "x"}}', "release: Q5 is about people"),
}


@pytest.mark.parametrize(("text", "fault"), REFUSED.values(), ids=REFUSED.keys())
def test_a_broken_page_is_one_line_that_names_page_and_fault(text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, PAGE)
    said = str(caught.value)
    assert said.startswith(f"{PAGE}: ") and fault in said
    assert "\n" not in said and len(said) < 300


@steady
@given(st.text(max_size=30))
def test_any_key_but_the_four_is_refused(key: str) -> None:
    text = json.dumps({key: {}})
    if key in KEYS:
        assert parse(text, PAGE) == NONE
    else:
        with pytest.raises(ConfigurationError, match="the nearest valid one is"):
            parse(text, PAGE)


@pytest.mark.parametrize("key", ["allow", "release"])
def test_what_is_about_people_cannot_be_changed(key: str) -> None:
    made = parse(json.dumps({key: {WOMAN: "why not"}}), PAGE)
    with pytest.raises(ConfigurationError, match=f"^{PAGE}: {key}: Q467 is about people"):
        check(made, {WOMAN}, PAGE)
    check(made, {CAT}, PAGE)


def test_no_override_frees_a_human_or_what_is_personal() -> None:
    """Whoever makes the value, and however: the page's reader is not the only gate."""
    listed = frozenset({HUMAN, WOMAN, ROOF})
    everything = Overrides(allow=listed, release=listed)
    assert everything.never(listed, frozenset({WOMAN})) == {HUMAN, WOMAN}
    assert everything.held(listed, frozenset({WOMAN})) == {HUMAN, WOMAN}


def test_the_lists_as_a_page_changes_them() -> None:
    page = {
        "never_suggest": {CAT: "enough cats"},
        "allow": {ROOF: "roofs matter here"},
        "release": {SURFING: "waves"},
    }
    made = parse(json.dumps(page), PAGE)
    assert made.never(frozenset({ROOF, WOMAN}), frozenset()) == {CAT, WOMAN}
    assert made.held(frozenset({SURFING, WOMAN}), frozenset()) == {WOMAN}
    assert parse("{}", PAGE) == NONE == Overrides()
    assert NONE.never(frozenset({ROOF}), frozenset()) == {ROOF}


items = st.frozensets(st.integers(1, 99).map(lambda n: Qid(f"Q{n}")), max_size=4)


@pytest.mark.slow
@steady
@given(items, items, items, items)
def test_a_record_tells_the_same(
    a: frozenset[Qid], b: frozenset[Qid], c: frozenset[Qid], d: frozenset[Qid]
) -> None:
    made = Overrides(a, b, c, d)
    assert recorded(json.loads(json.dumps({RECORD: made.record()}))) == made
    assert recorded({}) == NONE
