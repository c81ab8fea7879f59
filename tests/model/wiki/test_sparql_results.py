"""The JSON of SPARQL 1.1 results: what is read back is what was said, and nonsense is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.errors import UnfinishedError, WikiError
from depicts_model.types import Term
from depicts_model.wiki.sparql_results import Row, parse

WHERE = "http://service/sparql"
NAMES = st.sampled_from(["item", "label", "x"])
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
TERMS = st.one_of(
    st.builds(Term, st.just("uri"), TEXT),
    st.builds(Term, st.just("bnode"), TEXT),
    st.builds(Term, st.just("literal"), TEXT, st.sampled_from(["", "en", "zh-Hans"])),
)


def written(rows: list[Row]) -> bytes:
    """As the format's section 3.2 says: an unbound variable is absent."""
    bindings = [{name: _written(term) for name, term in row.items()} for row in rows]
    head = {"vars": sorted({name for row in rows for name in row} | {"item"}), "link": []}
    return json.dumps({"head": head, "results": {"bindings": bindings}}).encode()


def _written(term: Term) -> dict[str, str]:
    found = {"type": term.kind, "value": term.value}
    return found | ({"xml:lang": term.language} if term.language else {})


@given(st.lists(st.dictionaries(NAMES, TERMS, max_size=3), max_size=5))
def test_what_is_written_is_read_back(rows: list[Row]) -> None:
    assert parse(written(rows), WHERE) == rows


@pytest.mark.slow
@given(st.lists(st.dictionaries(NAMES, TERMS, min_size=1), min_size=1, max_size=3), st.data())
def test_an_answer_cut_short_anywhere_is_never_taken_for_a_whole_one(
    rows: list[Row], data: st.DataObject
) -> None:
    whole = written(rows)
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    with pytest.raises(WikiError):
        parse(cut, WHERE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["head", "vars", "results", "bindings", "type", "value", "xml:lang"]),
            inner,
        )
    ),
)


@pytest.mark.slow
@given(st.one_of(JSON.map(lambda found: json.dumps(found).encode()), st.binary()))
def test_anything_else_is_one_line_that_names_the_service(body: bytes) -> None:
    try:
        parse(body, WHERE)
    except WikiError as error:
        assert WHERE in str(error) and "\n" not in str(error)
    else:
        assert json.loads(body)["results"]["bindings"] in ([], [{}], [{}, {}], [{}, {}, {}])


def answer(**row: Any) -> bytes:
    shown = {"head": {"vars": ["x"]}, "results": {"bindings": [{}, row]}}
    return json.dumps(shown).encode()


FAULTS: dict[bytes, str] = {
    b"": "not JSON",
    b"<html></html>": "not JSON",
    b"[]": "answer: no 'head'",
    b'{"head": {}, "boolean": true}': "head: no 'vars'",
    b'{"head": {"vars": []}, "boolean": true}': "answer: no 'results'",
    b'{"head": {"vars": ["x"]}, "results": {"bindings": [3]}}': "row 1: not an object",
    answer(y={"type": "uri", "value": "v"}): "row 2: ?y is not among the variables",
    answer(x={"type": "triple", "value": "v"}): "row 2: ?x: type 'triple' is none of",
    answer(x={"value": "v"}): "row 2: ?x: no 'type'",
    answer(x={"type": "uri"}): "row 2: ?x: no 'value'",
    answer(x={"type": "literal", "value": "v", "xml:lang": 1}): "row 2: ?x: 'xml:lang'",
    b'{"head": ' + b"[" * 100_000 + b"}": "nested too deeply",
    b'{"head": "\xff"}': "not JSON",
}


@pytest.mark.parametrize(("body", "words"), FAULTS.items(), ids=FAULTS.values())
def test_what_has_not_the_formats_shape_is_named(body: bytes, words: str) -> None:
    with pytest.raises(WikiError, match=f"bad-answer: {WHERE}: ") as caught:
        parse(body, WHERE)
    assert words in str(caught.value)
    assert not isinstance(caught.value, UnfinishedError)


def test_an_answer_cut_inside_a_letter_is_cut_short() -> None:
    whole = answer(x={"type": "literal", "value": "ü"}).decode("unicode-escape").encode()
    with pytest.raises(UnfinishedError, match="cut-short"):
        parse(whole[: whole.index(b"\xbc")], WHERE)


def test_a_literal_of_the_formats_first_version_is_one() -> None:
    body = answer(x={"type": "typed-literal", "value": "7", "datatype": "integer"})
    assert parse(body, WHERE)[1] == {"x": Term("literal", "7")}


def test_the_services_own_exception_in_a_begun_answer_is_a_timeout() -> None:
    """Wikidata's service has sent 200 and some rows by then, and writes its stack after them."""
    begun = answer(x={"type": "uri", "value": "v"})[:-3]
    told = begun + b"java.util.concurrent.TimeoutException\n\tat java.util.concurrent.FutureTask"
    with pytest.raises(UnfinishedError, match=r"^timeout: .* took longer"):
        parse(told, WHERE)


def test_a_label_that_reads_like_an_exception_is_a_label() -> None:
    body = answer(x={"type": "literal", "value": "TimeoutException"})
    assert parse(body, WHERE)[1]["x"].value == "TimeoutException"
