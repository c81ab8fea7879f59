"""Asking a SPARQL service: what we send, what is waited for, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from rdflib import Graph

from depicts_model.errors import UnfinishedError, WikiError
from depicts_model.wiki.sparql import Endpoint, Manners
from tests.model.catalog.services import Answer, Service, serving

QUERY = "SELECT ?x WHERE { VALUES ?x { <http://a> } }"
FAST = Manners(pause=0, timeout=30, tries=2, backoff=0, patience=5, max_bytes=4096)
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Graph()) as found:
        yield found


def refused(service: Service, *answers: Answer, manners: Manners = FAST) -> WikiError:
    service.scripted = list(answers)
    with (
        Endpoint(service.url, "us@example.org", manners) as endpoint,
        pytest.raises(WikiError) as caught,
    ):
        endpoint.ask(QUERY)
    assert service.url in str(caught.value) and "\n" not in str(caught.value)
    return caught.value


def test_we_say_who_we_are_and_keep_one_connection(service: Service) -> None:
    with Endpoint(service.url, "us@example.org", FAST) as endpoint:
        for _ in range(3):
            assert [row["x"].value for row in endpoint.ask(QUERY)] == ["http://a"]
    (agent,) = service.agents
    assert agent.startswith("suggest-depicts/") and "(us@example.org)" in agent
    assert service.connections == 1


def test_there_is_a_pause_between_queries(service: Service) -> None:
    with Endpoint(service.url, "us", Manners(pause=0.2)) as endpoint:
        endpoint.ask(QUERY)
        answered = time.monotonic()
        endpoint.ask(QUERY)
    assert time.monotonic() - answered >= 0.2


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_busy_service_is_asked_again(service: Service, status: int) -> None:
    service.scripted = [Answer(status=status)] * 2
    with Endpoint(service.url, "us", FAST) as endpoint:
        assert len(endpoint.ask(QUERY)) == 1
    assert not service.scripted


@pytest.mark.slow
def test_the_time_that_a_service_asks_for_is_waited(service: Service) -> None:
    service.scripted = [Answer(status=429, headers={"Retry-After": "1"})]
    begun = time.monotonic()
    with Endpoint(service.url, "us", FAST) as endpoint:
        endpoint.ask(QUERY)
    assert time.monotonic() - begun >= 1


def test_a_service_that_is_busy_for_ever_is_left_alone(service: Service) -> None:
    error = refused(service, *[Answer(status=429)] * 9)
    assert error.code == "http-429"
    assert len(service.scripted) == 9 - 3


def test_a_service_that_asks_for_long_is_left_alone_at_once(service: Service) -> None:
    error = refused(service, *[Answer(status=429, headers={"Retry-After": "600"})] * 9)
    assert (error.code, error.retry_after) == ("http-429", 600)
    assert "Too Many Requests; it asks to wait 600 s" in str(error)
    assert len(service.scripted) == 8


@pytest.mark.parametrize("status", [301, 400, 403, 404, 500])
def test_a_refusal_is_not_asked_again(service: Service, status: int) -> None:
    headers = PLAIN | {"Location": "http://127.0.0.1:1/"}
    error = refused(service, *[Answer(b"because\nso", status, headers)] * 3)
    assert error.code == f"http-{status}"
    assert str(error).endswith(": because so")
    assert not isinstance(error, UnfinishedError)
    assert len(service.scripted) == 2


UNFINISHED = {
    "gateway": Answer(status=504),
    "exception": Answer(
        b"SPARQL-QUERY: queryStr=" + b"wd:Q1 " * 5000 + b"\njava.util.concurrent.TimeoutException",
        500,
        PLAIN,
    ),
    "exception in a begun answer": Answer(b'{"head": \njava.util.concurrent.TimeoutException'),
    "cut JSON": Answer(b'{"head": {"vars": ['),
    "cut connection": Answer(b'{"head": {"vars": [', length=999),
    "too large": Answer(b" " * 5000),
}


@pytest.mark.parametrize("answer", UNFINISHED.values(), ids=UNFINISHED)
def test_an_answer_that_comes_to_no_end_is_told_apart(service: Service, answer: Answer) -> None:
    assert isinstance(refused(service, *[answer] * 2), UnfinishedError)


def test_a_silent_service_is_not_waited_for(service: Service) -> None:
    service.judge = lambda query: time.sleep(1)
    error = refused(service, manners=Manners(pause=0, timeout=0.2, tries=0))
    assert isinstance(error, UnfinishedError)
    assert str(error).endswith("silent for 0.2 s")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/sparql-results+xml", ""])
def test_what_is_no_json_is_named(service: Service, kind: str) -> None:
    error = refused(service, Answer(b"<html>", headers={"Content-Type": kind}))
    assert error.code == "bad-answer"
    assert f"{kind.partition(';')[0]}, not application/sparql-results+json" in str(error)


def test_nobody_there_is_one_line() -> None:
    url = "http://127.0.0.1:1/sparql"
    with (
        Endpoint(url, "us", FAST) as endpoint,
        pytest.raises(WikiError, match=rf"^network: {url}: .*refused$"),
    ):
        endpoint.ask(QUERY)
