"""A catalog from a SPARQL service: the dump's own catalog, however it is paged, cut or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from depicts_model.catalog import Catalog
from depicts_model.catalog.dump import Options, build_dump
from depicts_model.catalog.sparql_source import Crawl, build_sparql
from depicts_model.catalog.starter import read_tables
from depicts_model.errors import ArtefactError, UnfinishedError, WikiError
from depicts_model.wiki.sparql import Endpoint
from tests.model.catalog import dumps
from tests.model.catalog.building import TABLES, rows
from tests.model.catalog.crawls import POLITE, ROOT, TAGS, crawled, known, q, refuse_facts, rooted
from tests.model.catalog.dumps import CAT, DISAMBIGUATION, FELIDAE, LION, MAMMAL
from tests.model.catalog.services import Answer, Service, graph_of, serving
from tests.watching import unwatched


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(graph_of(known())) as found:
        yield found


@pytest.fixture(autouse=True)
def unspoilt(service: Service) -> Iterator[None]:
    yield
    service.scripted, service.judge = [], lambda query: None
    service.queries.clear()


@pytest.fixture(scope="module")
def whole(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "c.sqlite"
    crawled(service, out)
    return out


def content(path: Path) -> list[list[tuple[Any, ...]]]:
    return [rows(path, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]


@pytest.mark.parametrize(
    "number", [dumps.ENTITY, DISAMBIGUATION, 900023, 900024, 900025, 900026, 900027, 900031]
)
def test_what_no_picture_shows_or_nothing_leads_to_is_not_in(whole: Path, number: int) -> None:
    with Catalog.open(whole) as opened:
        assert q(number) not in opened.qids


@pytest.mark.slow
def test_a_super_entity_below_a_dropped_kind_is_named_and_no_catalog_is_made(
    tmp_path: Path,
) -> None:
    """One wrong edge on the wiki must not empty the catalog in silence, from either source."""
    wrong = [dumps.item(ROOT, "animal", [dumps.to("P279", DISAMBIGUATION)])]
    entities = [*(one for one in known() if one["id"] != f"Q{ROOT}"), *wrong]
    says = rf"^Q{ROOT} \(animal\): a super-entity lies below"
    with serving(graph_of(entities)) as service:
        with pytest.raises(ArtefactError, match=says):
            crawled(service, tmp_path / "c.sqlite")
        service.graph = graph_of(known())
        crawled(service, tmp_path / "c.sqlite")  # mended there, it is asked anew
    (tmp_path / "d.json").write_text(dumps.dump(entities), encoding="utf-8")
    with pytest.raises(ArtefactError, match=says):
        build_dump(tmp_path / "d.json", tmp_path / "d.sqlite", Options(TAGS))
    assert not (tmp_path / "d.sqlite").exists()


def test_instances_are_not_asked_for(whole: Path) -> None:
    with Catalog.open(whole) as opened:
        assert q(dumps.TABBY) not in opened.qids
        assert q(dumps.SOMEBODY) not in opened.qids


def test_what_few_pages_are_about_still_leads_down_and_up(whole: Path) -> None:
    with Catalog.open(whole) as opened:
        assert opened.ancestors(q(900021)) >= {q(900022), q(LION), q(FELIDAE), q(MAMMAL), q(ROOT)}
        assert q(900030) in opened.ancestors(q(CAT)), "above, though below no super-entity"
        assert q(900022) not in opened.visual
        assert {q(900021), q(LION), q(CAT)} <= opened.visual


def test_names_places_and_pictures_are_those_of_the_dump(whole: Path) -> None:
    with Catalog.open(whole) as opened:
        assert opened.label(q(CAT), "de") == "Katze"
    query = "SELECT image, latitude, longitude, taxon_name, sitelinks FROM detail WHERE item ="
    assert rows(whole, f"{query} 900020") == [("900020.jpg", 1.5, -2.25, None, 2)]
    assert rows(whole, f"{query} {LION}") == [(f"{LION}.jpg", None, None, "Panthera leo", 2)]


def test_the_manifest_says_where_from(whole: Path, service: Service) -> None:
    manifest = dict(rows(whole, "SELECT key, value FROM manifest"))
    assert (manifest["source"], manifest["source_name"]) == ("sparql", service.url)
    assert (manifest["date"], manifest["languages"]) == ("2026-05-04", "de,en")
    assert manifest["super_entities"].split(",") == [r["qid"] for r in read_tables().super_entities]
    assert len(manifest["super_entities"].split(",")) == 21


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_catalog_that_a_dump_gives(tmp_path: Path, seed: int) -> None:
    entities, (asked, read) = rooted(60, seed), (tmp_path / "s.sqlite", tmp_path / "d.sqlite")
    source = tmp_path / "d.json"
    source.write_text(dumps.dump(entities), encoding="utf-8")
    build_dump(source, read, Options(TAGS))
    with serving(graph_of(entities)) as service:
        crawled(service, asked, parents=30, rows=9, items=400)
    assert content(asked) == content(read)
    assert len(rows(asked, "SELECT * FROM ancestor")) > 20


@pytest.mark.slow
def test_small_pages_give_the_same_bytes(tmp_path: Path, service: Service, whole: Path) -> None:
    crawled(service, tmp_path / "c.sqlite", parents=5, rows=1, items=120)
    assert (tmp_path / "c.sqlite").read_bytes() == whole.read_bytes()
    assert len(set(service.queries)) == len(service.queries), "nothing is asked twice"
    assert [p.name for p in tmp_path.iterdir()] == ["c.sqlite"]


KILLED = """
import os, signal, sys
from pathlib import Path
from depicts_model.catalog.sparql_source import Crawl, build_sparql
from depicts_model.wiki.sparql import Endpoint, Manners
left = int(sys.argv[3])
def progress(step, done, known):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
with Endpoint(sys.argv[1], "us", Manners(pause=0)) as service:
    crawl = Crawl(("de", "en"), parents=8, rows=2, items=120)
    build_sparql(service.ask, service.url, Path(sys.argv[2]), crawl, progress)
"""


@pytest.mark.slow
def test_a_killed_run_is_taken_up_to_the_same_bytes(
    tmp_path: Path, service: Service, whole: Path
) -> None:
    """Killed inside a batch of many pages, then between, then among the facts."""
    out = tmp_path / "c.sqlite"
    for pages in (2, 4, 5):
        command = [sys.executable, "-c", KILLED, service.url, str(out), str(pages)]
        path = {"PYTHONPATH": os.pathsep.join(sys.path)}
        ended = subprocess.run(command, check=False, env=unwatched(os.environ) | path)
        assert ended.returncode == -signal.SIGKILL
        assert not out.exists()
    crawled(service, out, parents=8, rows=2, items=120)
    assert out.read_bytes() == whole.read_bytes()
    assert len(set(service.queries)) == len(service.queries), (
        "what was committed is not asked again"
    )


def test_work_for_other_languages_or_services_is_not_taken_up(
    tmp_path: Path, service: Service
) -> None:
    out = tmp_path / "c.sqlite"
    service.judge = refuse_facts(Answer(status=403))
    for languages, asked in ((TAGS, True), (TAGS, False), (("fr",), True)):
        service.queries.clear()
        with Endpoint(service.url, "us", POLITE) as endpoint, pytest.raises(WikiError):
            build_sparql(endpoint.ask, service.url, out, Crawl(languages))
        assert bool(service.queries) is asked
    assert [p.name for p in tmp_path.iterdir()] == [".c.sqlite.work"], "the work is kept"


TIMEOUT = Answer(b'{"head": \njava.util.concurrent.TimeoutException')


@pytest.mark.slow
def test_a_batch_that_the_service_cannot_finish_is_halved(
    tmp_path: Path, service: Service, whole: Path
) -> None:
    def judge(query: str) -> Answer | None:
        asked = query.partition("{ <")[2].partition(" }")[0].count("<") + 1
        return TIMEOUT if asked > 90 or ("?pictured" in query and asked > 10) else None

    service.judge = judge
    assert crawled(service, tmp_path / "c.sqlite").left_out == ()
    assert (tmp_path / "c.sqlite").read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_a_class_too_large_for_the_service_is_left_out_and_told(
    tmp_path: Path, service: Service
) -> None:
    told: list[str] = []

    def judge(query: str) -> Answer | None:
        if f"Q{LION}>" not in query or "?pictured" not in query:
            return None
        told.append(query)
        return TIMEOUT

    service.judge = judge
    made = crawled(service, tmp_path / "c.sqlite", parents=4)
    ((qid, reason),) = made.left_out
    assert qid == q(LION)
    assert "timeout" in reason
    asked = [query for query in told if f"Q{LION}>" in query and query.count("entity/") == 1]
    assert len(asked) == 2, "alone, it was asked for twice"
    with Catalog.open(tmp_path / "c.sqlite") as opened:
        assert q(LION) in opened.visual
        assert q(900021) not in opened.qids
    assert rows(tmp_path / "c.sqlite", "SELECT value FROM manifest WHERE key = 'left_out'") == [
        (q(LION),)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("what", ["?pictured", "?property", "DISTINCT ?child WHERE"])
def test_a_service_that_finishes_nothing_is_an_error_and_the_work_is_kept(
    tmp_path: Path, service: Service, what: str
) -> None:
    def judge(query: str) -> Answer | None:
        small = "LIMIT 1" in query.splitlines()
        return TIMEOUT if what in query or (what == "?pictured" and small) else None

    service.judge = judge
    with pytest.raises(UnfinishedError, match=f"timeout: {service.url}"):
        crawled(service, tmp_path / "c.sqlite", parents=2, items=2)
    assert [p.name for p in tmp_path.iterdir()] == [".c.sqlite.work"]
