"""``catalog build --source sparql``: what it says, and what it says of a service that errs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from depicts_model.cli import main
from tests.model.catalog.dumps import CAT, MAMMAL, item, to
from tests.model.catalog.services import Answer, graph_of, serving

PLAIN, HTML = {"Content-Type": "text/plain"}, {"Content-Type": "text/html; charset=utf-8"}
FAULTS: dict[str, tuple[Answer | str, list[str]]] = {
    "HTML": (Answer(b"<!doctype html>", headers=HTML), ["bad-answer", "text/html, not"]),
    "HTML that says JSON": (Answer(b"<!doctype html>"), ["bad-answer", "not JSON"]),
    "JSON of another kind": (Answer(b'{"error": "no"}'), ["bad-answer", "answer: no 'head'"]),
    "answer cut short": (Answer(b'{"head": {"vars": ["ch'), ["cut-short", "after 22 bytes"]),
    "timeout in a begun answer": (
        Answer(b'{"head": {"vars": ["child"]}, \njava.util.concurrent.TimeoutException\n\tat'),
        ["timeout", "the query took longer than it may"],
    ),
    "too many requests": (
        Answer(status=429, headers={"Retry-After": "3600"}),
        ["http-429", "Too Many Requests; it asks to wait 3600 s"],
    ),
    "query refused": (Answer(b"malformed", 400, PLAIN), ["http-400", "Bad Request: malformed"]),
    "banned": (Answer(status=403), ["http-403", "Forbidden"]),
    "moved": (Answer(status=301, headers={"Location": "http://x"}), ["http-301"]),
    "nobody answers": ("http://127.0.0.1:1/sparql", ["network", "http://127.0.0.1:1/sparql"]),
}


def built(url: str, out: Path, *words: str) -> Result:
    """What the command answers."""
    arguments = ["catalog", "build", "--source", "sparql", url, "--out", str(out), "--pause", "0"]
    return CliRunner().invoke(main, [*arguments, *words])


@pytest.mark.parametrize(("answer", "words"), FAULTS.values(), ids=FAULTS)
def test_a_service_that_errs_is_one_line_and_the_work_is_kept(
    tmp_path: Path, answer: Answer | str, words: list[str]
) -> None:
    with serving(Graph()) as service:
        service.judge = lambda query: answer if isinstance(answer, Answer) else None
        url = service.url if isinstance(answer, Answer) else answer
        told = built(url, tmp_path / "c.sqlite")
    (line,) = told.stderr.splitlines()
    assert (told.exit_code, told.stdout) == (2, "")
    assert line.startswith("error: ") and url in line
    assert all(word in line for word in words), line
    assert [path.name for path in tmp_path.iterdir()] == [".c.sqlite.work"]


def test_an_unknown_host_is_one_line(tmp_path: Path) -> None:
    """Not in the table: how a resolver says it differs from machine to machine."""
    told = built("http://no-such-host.invalid/sparql", tmp_path / "c.sqlite")
    (line,) = told.stderr.splitlines()
    assert told.exit_code == 2
    assert line.startswith("error: network: http://no-such-host.invalid/sparql: ")


WORLD = [item(729, "animal"), item(MAMMAL, "mammal", [to("P279", 729)])]
WORLD += [item(CAT, {"en": "cat", "de": "Katze"}, [to("P279", MAMMAL)])]


@pytest.mark.slow
def test_it_says_how_far_it_is_and_what_it_read(tmp_path: Path) -> None:
    with serving(graph_of(WORLD)) as service:
        told = built(service.url, tmp_path / "c.sqlite", "--languages", "de")
    assert told.exit_code == 0, told.stderr
    steps = [line.partition(" of 3: ")[0] for line in told.stderr.splitlines()]
    assert set(steps) == {"step 1", "step 2", "step 3"} and steps == sorted(steps)
    assert "3 items read" in told.stdout and "0 classes left out" in told.stdout
    shown = CliRunner().invoke(
        main, ["catalog", "show", "Q146", "--catalog", str(tmp_path / "c.sqlite")]
    )
    assert shown.exit_code == 2, "no English label was asked for"


@pytest.mark.slow
def test_the_setting_names_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["catalog", "build", "--source", "sparql", "--pause", "0"]
    with serving(graph_of(WORLD)) as service:
        monkeypatch.setenv("DEPICTS_QUERY_SERVICE", service.url)
        monkeypatch.setenv("DEPICTS_CONTACT", "us@example.org")
        told = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "c.sqlite")])
        (agent,) = service.agents
    assert told.exit_code == 0, told.stderr
    assert "(us@example.org)" in agent
    monkeypatch.setenv("DEPICTS_QUERY_SERVICE", "query.wikidata.org")
    told = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "d.sqlite")])
    assert told.stderr == (
        "error: query_service must be an http(s) address, not 'query.wikidata.org'\n"
    )


def test_help_says_that_it_is_untried_on_the_live_service() -> None:
    told = CliRunner().invoke(main, ["catalog", "build", "--help"])
    assert "untried on the live service" in " ".join(told.stdout.split())
