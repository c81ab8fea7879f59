"""Which pages `deploy` makes of a gadget, and what it leaves alone in the definition. Pure."""

from __future__ import annotations

import json

import pytest

from depicts_gadget import definition, pages, work
from depicts_gadget.checkout import Checkout
from depicts_model.errors import ConfigurationError
from tests.gadget.deploying import BUTTON, DEFINITION, FILES, LABEL, LINES, NAME, TEXTS, files
from tests.test_gadget_units import GADGET

OTHERS = "* other[ResourceLoader]|other.js"


def test_every_file_is_a_page_of_its_own_and_unchanged() -> None:
    found = pages.built(FILES.__getitem__)
    assert found.keys() == {
        LABEL, f"{LABEL}/de", BUTTON, f"{LABEL}/src/index.js", f"{LABEL}/src/gadget.css", TEXTS,
    }  # fmt: skip
    assert found[BUTTON] == FILES["src/button.js"].rstrip()
    assert (found[LABEL], found[f"{LABEL}/de"]) == ("A button", "Ein Knopf")


def test_texts_are_compared_as_the_wiki_would_set_them() -> None:
    mine = pages.built(FILES.__getitem__)[TEXTS]
    on_wiki = '{\n\t"one": "Töne \\u0026 \\u003Cb\\u003E",\n\t"none": []\n}'
    assert pages.canonical(TEXTS, on_wiki) == mine
    assert pages.canonical(TEXTS, on_wiki.replace("none", "nine")) != mine
    assert pages.canonical(TEXTS, "{ broken \n") == "{ broken"


def test_the_lines_of_the_definition() -> None:
    assert tuple(work.gadget_texts(FILES.__getitem__)[DEFINITION].splitlines()) == LINES


def test_our_own_gadgets_are_found_and_only_the_button_is_offered() -> None:
    found = pages.gadgets(Checkout(GADGET).read)
    assert [one.name for one in found if not one.hidden] == ["suggest-depicts"]
    button = found[0]
    assert dict(button.conditions)["actions"] == ("view",)
    assert button.labels
    # a condition would keep no hidden gadget from being loaded by another
    assert not any(one.conditions for one in found[1:])
    # all that is there is put there
    assert pages.built(Checkout(GADGET).read)


WRONG = {
    "no file": (files(gadgets=None), "gadgets.json: no JSON"),
    "no JSON": (files(gadgets="{"), "gadgets.json: no JSON"),
    "a list": (files(gadgets="[1]"), "gadgets by name expected"),
    "another's name": (files(gadgets='{"ext.gadget.x": {}}'), "no name of ours"),
    "a slip in a key": (
        files(gadgets=json.dumps({NAME: {"file": ["src/button.js"]}})),
        "unknown key 'file'",
    ),
    "no script": (files(gadgets=json.dumps({NAME: {"files": ["i18n/en.json"]}})), "no script"),
    "a text for a list": (files(gadgets=json.dumps({NAME: {"files": "a.js"}})), "no list"),
    "what ends a word": (files(gadgets=json.dumps({NAME: {"files": ["a|b.js"]}})), "no list"),
    "a file that is not there": (files(index=None), "no file src/index.js"),
    "no line for the preferences": (
        files(de="{}"),
        "i18n/preferences/de.json: no text gadget-suggest-depicts",
    ),
}


@pytest.mark.parametrize(("found", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_list_of_gadgets_is_refused(found: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        pages.built(found.__getitem__)


# --- the definition ---


def test_new_lines_come_last() -> None:
    assert definition.merged("", LINES) == "\n".join(LINES)
    assert definition.merged(f"{OTHERS}\n", LINES) == "\n".join([OTHERS, *LINES])


def test_new_lines_come_last_in_their_section() -> None:
    text = f"== first ==\n{OTHERS}\n\n== second ==\n{OTHERS}"
    merged = definition.merged(text, LINES, "first").splitlines()
    assert merged == ["== first ==", OTHERS, *LINES, "", "== second ==", OTHERS]
    assert definition.merged(text, LINES, "second").splitlines()[-2:] == list(LINES)
    with pytest.raises(ConfigurationError, match="has no such section"):
        definition.merged(text, LINES, "third")


def test_our_lines_are_replaced_where_they_stand() -> None:
    text = f"{OTHERS}\n* suggest-depicts[x]|a.js\n{OTHERS}2\n*suggest-depicts-old|b.js\n== end =="
    merged = definition.merged(text, LINES, "any").splitlines()
    assert merged == [OTHERS, *LINES, f"{OTHERS}2", "== end =="]
    assert definition.merged("\n".join(merged), LINES) == "\n".join(merged)


@pytest.mark.parametrize(
    "line",
    ["* suggest-depictsx|a.js", "* other-suggest-depicts|a.js", "suggest-depicts|a.js",
     "<!-- * suggest-depicts|a.js -->", "<!--\n* suggest-depicts|a.js\n-->"],
)  # fmt: skip
def test_what_is_not_ours_is_left_alone(line: str) -> None:
    assert definition.ours(line) == []
    assert definition.merged(line, LINES) == "\n".join([line, *LINES])
