"""A place that is none is left out and counted, whatever source names it."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.catalog.coordinates import on_earth, point_of
from depicts_model.catalog.dump_entities import facts_of
from depicts_model.catalog.sparql_facts import facts_of_rows
from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.linker.camera import Places
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.types import Term
from tests.model.catalog import crawls
from tests.model.catalog.dumps import CAT, TABBY, Json, dump, item, known, statement, to
from tests.model.catalog.services import graph_of, serving
from tests.model.linker.conftest import LEAVES
from tests.model.linker.world import ZOO, q

WD = "http://www.wikidata.org/entity/"
NOWHERE = [(900, 1), (91, 1), (-90.5, 0), (0, 361), (math.inf, 0), (0, -math.inf), (math.nan, 0)]
"""Latitude, longitude."""


def at(latitude: object, longitude: object) -> Json:
    globe = f"{WD}Q2"
    return statement("P625", {"latitude": latitude, "longitude": longitude, "globe": globe})


@given(st.floats(-90, 90), st.floats(-360, 360))
def test_a_longitude_past_half_way_is_the_same_place(latitude: float, longitude: float) -> None:
    found = on_earth(latitude, longitude)
    assert found[0] == latitude and -180 <= found[1] <= 180
    turned = math.radians(found[1] - longitude)
    assert math.cos(turned) == pytest.approx(1)


@pytest.mark.parametrize(("latitude", "longitude"), [*NOWHERE, (None, 1), (10**400, 1), ([], 1)])
def test_what_is_no_place(latitude: object, longitude: object) -> None:
    with pytest.raises(ValueError, match=r"no place on Earth|not degrees"):
        on_earth(latitude, longitude)


@pytest.mark.parametrize("text", ["", "Point(1)", "Point(1 x)", "Point(1 2 3)", "POLYGON(1 2)"])
def test_what_is_no_point(text: str) -> None:
    with pytest.raises(ValueError, match="not Point"):
        point_of(text)


@pytest.mark.parametrize(("latitude", "longitude"), NOWHERE)
def test_an_item_at_no_place_has_none_and_says_so(latitude: float, longitude: float) -> None:
    read = facts_of(item(TABBY, "tabby", [at(latitude, longitude)]), ("en",))
    row = {
        "item": Term("uri", f"{WD}Q{TABBY}"),
        "property": Term("uri", "http://www.wikidata.org/prop/direct/P625"),
        "value": Term("literal", f"Point({longitude} {latitude})"),
    }
    asked = facts_of_rows([row], ("en",))[TABBY]
    for found in (read, asked):
        assert found and (found.latitude, found.longitude) == (None, None)
        assert found.unfit.startswith("P625: no place on Earth: latitude ")


def test_the_next_place_counts_where_the_first_is_none() -> None:
    found = facts_of(item(TABBY, "tabby", [at(900, 1), at(1.5, 190)]), ("en",))
    assert found and (found.latitude, found.longitude) == (1.5, -170.0)
    assert found.unfit == "P625: no place on Earth: latitude 900, longitude 1"


def lost() -> Json:
    """A cat at latitude 900, which a photo can show none the less."""
    return item(900100, "lost cat", [to("P279", CAT), at(900, 1)])


def places(catalog: Path) -> dict[int, tuple[float | None, float | None]]:
    with closing(sqlite3.connect(catalog)) as connection:
        rows = connection.execute("SELECT item, latitude, longitude FROM detail").fetchall()
    return {row[0]: row[1:] for row in rows}


def test_a_dump_tells_of_it_by_line_and_keeps_the_item(tmp_path: Path) -> None:
    source, out = tmp_path / "d.json", tmp_path / "c.sqlite"
    source.write_text(dump([*known(), lost()]).replace("900,", "1e999,"), "utf-8")
    assert json.loads(source.read_text("utf-8"))[-1]["claims"]["P625"]
    words = ["catalog", "build", "--source", "dump", str(source), "--out", str(out)]
    told = CliRunner().invoke(main, words)
    line = len(known()) + 2
    fault = "of Q900100 only P625: no place on Earth: latitude inf, longitude 1"
    assert f"warning: {source}: line {line}: left out: {fault}\n" in told.stderr
    assert told.exit_code == 0 and "1 damaged lines" in told.stdout
    assert places(out)[900100] == (None, None) and places(out)[TABBY] == (1.5, -2.25)


@pytest.mark.slow
def test_a_crawl_counts_it_and_keeps_the_item(tmp_path: Path) -> None:
    with serving(graph_of([*crawls.known(), lost()])) as service:
        made = crawls.crawled(service, tmp_path / "c.sqlite")
    assert made.unfit == 1
    assert places(tmp_path / "c.sqlite")[900100] == (None, None)


def test_a_catalog_with_a_place_that_is_no_number_is_refused() -> None:
    """Whoever made it: one such place would make every confidence beside it a NaN."""
    hierarchy = Hierarchy.from_catalog(ZOO, LEAVES)
    for wrong in ((math.inf, 0.0), (0.0, math.nan)):
        world = replace(ZOO, places={q(4): (1.0, 2.0), q(10): wrong})
        with pytest.raises(ArtefactError, match=f"catalog {ZOO.snapshot}: Q10 is at no place"):
            Places.of(world, hierarchy)
