"""A wiki that blocks the account has said that it shall stop, though it only reads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from depicts_bot.site import LoggedIn
from depicts_model.errors import WikiError

BLOCK = {"blockid": 7, "blockedby": "Admin", "blockreason": "too\nfast", "blockpartial": False}


def asked(**block: Any) -> dict[str, Any]:
    return of({"query": {"userinfo": {"id": 3, "name": "DepictsBot", **block}}})


def of(answer: dict[str, Any]) -> dict[str, Any]:
    request = SimpleNamespace(submit=lambda: answer)
    throttle = SimpleNamespace(last_read=0.0, last_write=0.0)
    site = SimpleNamespace(throttle=throttle, simple_request=lambda **_: request)
    return LoggedIn(site, "http://wiki.test/w/api.php").ask(action="query")


def test_a_block_is_an_error_that_says_whose_and_why() -> None:
    with pytest.raises(WikiError) as caught:
        asked(**BLOCK)
    assert str(caught.value) == "blocked: DepictsBot is blocked by Admin: too fast"
    # the worker waits, and takes it for no fault of a file
    assert caught.value.retry_after


def test_a_block_without_a_reason() -> None:
    with pytest.raises(WikiError, match=r"by Admin: no reason given$"):
        asked(**BLOCK | {"blockreason": ""})


@pytest.mark.parametrize("answer", [{}, {"query": []}, {"query": {"userinfo": []}}])
def test_an_answer_that_does_not_say_who_asked(answer: dict[str, Any]) -> None:
    assert of(answer) == answer


def test_a_block_of_some_pages_is_none_of_ours() -> None:
    assert asked(**BLOCK | {"blockpartial": True})["query"]
    assert asked()["query"]
