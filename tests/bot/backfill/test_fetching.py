"""One budget for thumbnails: its pace, the pauses that a host asks for, and when to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from depicts_bot.backfill.fetching import IN_A_ROW, TRIES, Budget, Polite, StoppedError, client_of
from depicts_model.errors import ImageError, WikiError
from tests.bot.upload_host import upload_host

HOST = "up.test"


@dataclass
class Host:
    """Answers what ``say`` gives or raises for the n-th question; keeps when it was asked."""

    say: Callable[[int], bytes]
    asked: list[float] = field(default_factory=list)

    def fetch(self, url: str, host: str) -> bytes:
        self.asked.append(time.monotonic())
        return self.say(len(self.asked))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only sleep moves."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def failing(error: Exception, until: int = 10**9) -> Callable[[int], bytes]:
    def say(number: int) -> bytes:
        if number <= until:
            raise error
        return b"a picture"

    return say


def polite(say: Callable[[int], bytes], budget: Budget | None = None) -> tuple[Host, Polite]:
    host = Host(say)
    return host, Polite(host, budget or Budget(2, 10.0))


def test_the_connections_share_the_pace(clock: list[float]) -> None:
    host, one = polite(lambda _: b"a picture", Budget(connections=2, per_second=5.0))
    for _ in range(11):
        one.fetch("u", HOST)
    # half of five a second
    assert host.asked[-1] - host.asked[0] == pytest.approx(10 / 2.5)


def test_who_was_slow_does_not_hurry_afterwards(clock: list[float]) -> None:
    host, one = polite(lambda _: b"a picture", Budget(1, 2.0))
    one.fetch("u", HOST)
    clock[0] += 100
    for _ in range(3):
        one.fetch("u", HOST)
    assert [b - a for a, b in zip(host.asked[1:], host.asked[2:], strict=False)] == [0.5, 0.5]


def test_the_host_is_left_alone_as_long_as_it_asks_for(clock: list[float]) -> None:
    host, one = polite(failing(WikiError("http-429", "busy", 77.0), until=1))
    assert one.fetch("u", HOST) == b"a picture"
    assert host.asked[1] - host.asked[0] >= 77.0


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (WikiError("http-429", "busy", 77.0), TRIES),
        (WikiError("http-429", "busy", 864_000.0), 1),
        (WikiError("network", "reset", 3600.0), TRIES),
        (WikiError("http-500", "oops", 3600.0), TRIES),
        (WikiError("http-404", "not found"), 1),
        (ImageError("no picture"), 1),
    ],
)
def test_how_often_a_file_is_asked_for(clock: list[float], error: Exception, tries: int) -> None:
    host, one = polite(failing(error))
    with pytest.raises(type(error)):
        one.fetch("u", HOST)
    assert len(host.asked) == tries
    assert clock[0] < 1000 + 600


def test_an_outage_stops_the_work_instead_of_filling_shards_with_failures(
    clock: list[float],
) -> None:
    _, one = polite(failing(WikiError("network", "reset", 3600.0)))
    for _ in range(IN_A_ROW - 1):
        with pytest.raises(WikiError):
            one.fetch("u", HOST)
    with pytest.raises(StoppedError, match=r"20 files in a row .* network: reset"):
        one.fetch("u", HOST)


def test_each_try_has_its_turn(clock: list[float]) -> None:
    with upload_host() as upload:
        url = upload.url("/a.png", (500, {}, b""))
        one = Polite(client_of("mailto:me@example.org"), Budget(1, 0.1))
        with pytest.raises(WikiError, match="http-500"):
            one.fetch(url, upload.host)
        assert len(upload.requests) == TRIES
        assert clock[0] >= 1000 + (TRIES - 1) * 10


def test_an_address_that_is_none_is_refused(clock: list[float]) -> None:
    with pytest.raises(WikiError, match="foreign-host"):
        client_of("mailto:me@example.org").fetch("https://[foo", HOST)


def test_files_that_are_gone_stop_nothing(clock: list[float]) -> None:
    _, one = polite(failing(WikiError("http-404", "not found")))
    for _ in range(3 * IN_A_ROW):
        with pytest.raises(WikiError):
            one.fetch("u", HOST)


def test_one_that_is_there_begins_the_count_anew(clock: list[float]) -> None:
    def say(number: int) -> bytes:
        if number % IN_A_ROW:
            raise WikiError("http-429", "busy", 864_000.0)
        return b"a picture"

    _, one = polite(say)
    for number in range(1, 3 * IN_A_ROW):
        if number % IN_A_ROW:
            with pytest.raises(WikiError):
                one.fetch("u", HOST)
        else:
            assert one.fetch("u", HOST) == b"a picture"
