"""What a build may write over: a catalog of ours or nothing, and never what it is made from."""

from __future__ import annotations

from pathlib import Path

from depicts_model.catalog.from_wikidata import work_path
from depicts_model.catalog.opening import is_catalog
from depicts_model.errors import ArtefactError


def check_out(out: Path, *sources: Path) -> None:
    """Raise ArtefactError where a catalog written to ``out`` would destroy another file.

    That is one of ``sources``, also by another name or through links, or a file that is no
    catalog. Asked before anything is read: a dump takes hours.
    """
    for source in sources:
        if _same(source, out):
            raise ArtefactError(f"{out}: named by --out, is the source {source}")
        if _same(source, work_path(out)):
            raise ArtefactError(f"{source}: the source has the name of the work file of {out}")
    if out.exists() and not is_catalog(out):
        raise ArtefactError(f"{out}: named by --out, is there and no catalog; it is not replaced")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one is missing, or cannot be looked at: whoever reads it will say so
        return False
