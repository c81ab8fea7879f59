"""The switch as the bot reads it: missing is on, broken is stopped, old is read again."""

from __future__ import annotations

from typing import Any

import pytest

from depicts_bot.switching import RUN_SECONDS, SERVE_SECONDS, Watch, read_switch
from depicts_bot.wiki import Json
from depicts_model.errors import ConfigurationError, WikiError
from depicts_model.settings import Settings
from depicts_model.switch import ON, Switch
from depicts_model.types import Qid

from .conftest import ScriptedWiki

TITLE = Settings().switch_page
MINUTE = 60.0


def answered(text: str | None = None, **page: Any) -> Json:
    """The answer to the question for the page's latest revision."""
    slots: Json = {"main": {"content": text} if text is not None else {"texthidden": True}}
    revision = {"revid": 77, "slots": slots}
    return {"query": {"pages": [{"title": TITLE, "revisions": [revision], **page}]}}


MISSING: Json = {"query": {"pages": [{"title": TITLE, "missing": True}]}}


@pytest.mark.parametrize(
    ("answer", "switch"),
    [
        (MISSING, ON),
        (answered("{}"), ON),
        (answered('{"stopped": true, "reason": "why"}'), Switch(True, "why")),
        (answered('{"paused": {"Q146": "cats"}}'), Switch(paused={Qid("Q146"): "cats"})),
        (answered("", revisions=[]), Switch(True, f"{TITLE}: its latest revision is hidden")),
        (answered(None), Switch(True, f"{TITLE}: its latest revision is hidden")),
    ],
)
def test_what_is_read(answer: Json, switch: Switch) -> None:
    wiki = ScriptedWiki([answer])
    assert read_switch(wiki, TITLE) == switch
    assert wiki.asked[0]["titles"] == TITLE


@pytest.mark.parametrize("text", ["", "stop!", '{"stoped": false}', '{"stopped": "no"}'])
def test_what_cannot_be_understood_stops(text: str) -> None:
    switch = read_switch(ScriptedWiki([answered(text)]), TITLE)
    assert switch.stopped and switch.reason.startswith(f"{TITLE}: ")


def test_a_title_of_nothing_is_a_fault_of_the_settings() -> None:
    answer = {"query": {"pages": [{"title": "<", "invalid": True}]}}
    with pytest.raises(ConfigurationError, match="switch_page"):
        read_switch(ScriptedWiki([answer]), "<")


def test_where_no_page_is_set_none_is_asked_for() -> None:
    wiki = ScriptedWiki([])
    assert read_switch(wiki, "") == ON
    assert wiki.asked == []


@pytest.mark.parametrize("every", [RUN_SECONDS, SERVE_SECONDS])
def test_it_is_seen_within_a_minute_and_each_reading_is_told(every: float) -> None:
    assert every <= MINUTE / 2
    stop = answered('{"stopped": true}')
    times = iter([0.0, every - 1, every, every, every + 1, 2 * every, 2 * every])
    told: list[bool] = []
    wiki = ScriptedWiki([answered("{}"), stop, MISSING])
    watch = Watch(wiki, TITLE, every, lambda one: told.append(one.stopped), lambda: next(times))
    seen = [watch.now().stopped for _ in range(5)]
    assert seen == [False, False, True, True, False]
    assert told == [False, True, False]


class Silent(ScriptedWiki):
    """Answers nothing any more once its answers are used up."""

    def ask(self, **parameters: str) -> Json:
        if not self.answers:
            raise WikiError("network", "nobody there", 5)
        return super().ask(**parameters)


def test_an_old_reading_is_not_enough_to_go_on() -> None:
    now = [0.0]
    watch = Watch(Silent([answered("{}")]), TITLE, 20, lambda _: None, lambda: now[0])
    assert not watch.now().stopped
    now[0] = 20.0
    for _ in range(2):
        with pytest.raises(WikiError):
            watch.now()
