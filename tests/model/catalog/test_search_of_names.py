"""Search by label and by other names, in a catalog that keeps them."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from depicts_model.catalog import Catalog
from tests.model.catalog.crawls import q
from tests.model.catalog.dumps import CAT


def test_other_names_are_searched_after_labels(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.search("also 146") == (q(CAT),)
        assert q(CAT) in opened.search("ALSO 14")
        assert opened.search("also 146", "nb") == (q(CAT),), "through the fallback chain"
        every = opened.search("also", limit=99)
        assert len(every) == len(set(every)) > 1
        label = opened.label(q(CAT))
        assert label and opened.search(label)[0] == q(CAT)


def test_a_catalog_without_an_index_of_other_names_is_searched_by_labels(
    catalog: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older.sqlite"
    shutil.copyfile(catalog, older)
    with sqlite3.connect(older) as connection:
        connection.execute("DROP TABLE alias_words")
    connection.close()
    with Catalog.open(older) as opened:
        assert opened.search("also 146") == ()
        assert opened.search(opened.label(q(CAT)) or "")[0] == q(CAT)
