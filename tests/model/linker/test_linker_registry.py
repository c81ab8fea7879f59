"""The registry: what serves is whole, is switched in one step, and can be taken back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.linker.link import Linker, shipped
from depicts_model.linker.registry import KEPT, Registry
from depicts_model.settings import Settings
from depicts_model.types import Manifest
from tests.watching import unwatched

from .conftest import save, table
from .world import ZOO

Make = Callable[[str], Path]


@pytest.fixture
def make(tmp_path: Path, model_dir: Path) -> Make:
    """A sound artefact of a given version, small enough to copy."""
    return lambda version: named(model_dir, tmp_path / "made" / version)


def named(model: Path, folder: Path) -> Path:
    """The same model in ``folder``, whose name is its version."""
    shutil.copytree(model, folder)
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": folder.name}))
    return folder


def put(made: Path, name: str, content: bytes) -> None:
    """A further file of the artefact."""
    (made / name).write_bytes(content)
    path = made / "manifest.json"
    told = json.loads(path.read_text())
    told["hashes"][name] = hashlib.sha256(content).hexdigest()
    path.write_text(json.dumps(told))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def served(registry: Registry) -> str:
    """The version that somebody reads through the link."""
    manifest = json.loads((registry.folder / "current" / "manifest.json").read_text())
    return Manifest(**manifest).version


# --- what must never be ---


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut short": (
        lambda f: (f / "vision" / "model.safetensors").write_bytes(b"cut"),
        "cut short or changed",
    ),
    "a file gone": (lambda f: (f / "calibration.json").unlink(), "missing"),
    "a file too many": (lambda f: (f / "evil.py").write_text(""), "not listed"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "no model there"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_is_not_promoted(registry: Registry, make: Make, damage: str) -> None:
    registry.promote(make("a"))
    broken, (break_, fault) = make("b"), DAMAGE[damage]
    break_(broken)
    with pytest.raises(ArtefactError, match=fault):
        registry.promote(broken)
    assert (served(registry), registry.versions()) == ("a", ["a"])


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_is_not_rolled_back_to(registry: Registry, make: Make, damage: str) -> None:
    registry.promote(make("a"))
    registry.promote(make("b"))
    DAMAGE[damage][0](registry.folder / "a")
    with pytest.raises(ArtefactError, match=DAMAGE[damage][1]):
        registry.rollback()
    assert served(registry) == "b"
    told = {entry.version: entry.fault for entry in registry.entries()}
    assert DAMAGE[damage][1] in told["a"] and told["b"] == ""


@pytest.mark.parametrize("version", ["../a", "current", ".hidden", "", "a" * 65, "a/b"])
def test_a_version_that_is_no_name_of_a_folder_is_refused(
    registry: Registry, make: Make, version: str
) -> None:
    source = make("a")
    path = source / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": version}))
    with pytest.raises(ArtefactError, match="cannot be the name of a folder"):
        registry.promote(source)
    assert not registry.folder.exists()


def test_another_model_of_a_version_that_is_there_is_refused(
    registry: Registry, make: Make, tmp_path: Path
) -> None:
    registry.promote(make("tiny-test"))
    save(tmp_path / "other", replace(table(), n_train=table().n_train + 1))
    with pytest.raises(ArtefactError, match=r"another model than .*, of the same version"):
        registry.promote(tmp_path / "other")
    assert registry.versions() == ["tiny-test"]


def test_what_is_not_ours_is_never_removed(registry: Registry, make: Make) -> None:
    registry.promote(make("a"))
    (registry.folder / "notes").mkdir()
    for version in "bcde":
        registry.promote(make(version))
    assert (registry.folder / "notes").is_dir() and "notes" not in registry.versions()


# --- what serves ---


def test_three_are_kept_and_the_current_one_is_never_removed(
    registry: Registry, make: Make
) -> None:
    for version in "abcde":
        assert registry.promote(make(version)) == version
        assert served(registry) == registry.current() == version
    assert registry.versions() == ["c", "d", "e"] and KEPT == 3
    assert not (registry.folder / "b").exists()
    assert registry.rollback() == "d" and registry.rollback() == "c"
    with pytest.raises(ArtefactError, match="no model before c"):
        registry.rollback()
    registry.promote(make("f"))
    assert registry.versions() == ["e", "c", "f"], "what was rolled back goes first"
    assert registry.rollback() == "c" == served(registry)


def test_a_model_of_the_registry_can_be_promoted_again(registry: Registry, make: Make) -> None:
    for version in "ab":
        registry.promote(make(version))
    registry.rollback()
    assert registry.promote(registry.path("b")) == "b" == served(registry)
    assert registry.rollback() == "a"
    with pytest.raises(ArtefactError, match=r"no model 'z'; there are: a, b"):
        registry.path("z")


KILLED = """
import os, signal, sys
from pathlib import Path
from depicts_model.linker import registry
where, folder, source = sys.argv[1:]
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr(registry.Registry, where, die)
registry.Registry(Path(folder)).promote(Path(source))
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["_write_history", "_point_at", "_clear"])
def test_a_killed_promotion_leaves_a_whole_model_and_is_made_good(
    registry: Registry, make: Make, where: str
) -> None:
    for version in "abc":
        registry.promote(make(version))
    source = make("d")
    words = [sys.executable, "-c", KILLED, where, str(registry.folder), str(source)]
    done = subprocess.run(words, env=unwatched(os.environ), check=False)
    assert done.returncode == -9
    assert served(registry) == registry.current() == ("d" if where == "_clear" else "c")
    assert all(not entry.fault for entry in registry.entries())
    if where != "_clear":
        assert registry.promote(source) == "d"
    assert registry.rollback() == "c"
    registry.promote(make("e"))
    assert registry.versions()[-2:] == ["c", "e"] and len(registry.versions()) == KEPT
    left = {path.name for path in registry.folder.iterdir() if path.name.startswith(".")}
    assert left <= {".lock"}


def test_who_loads_follows_the_link_once(
    registry: Registry, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is switched between two of the files that a load reads."""
    registry.promote(make("a"))
    b = make("b")
    from depicts_model.linker import artefact

    whole = artefact.load

    def switched(folder: Path, facts: object) -> object:
        found = whole(folder, None)
        monkeypatch.setattr(artefact, "load", whole)
        registry.promote(b)
        return found

    monkeypatch.setattr(artefact, "load", switched)
    linker = Linker.load(registry.folder / "current", ZOO, Settings())
    assert linker.version == "a" and linker.artefact.folder.name == "a"
    assert served(registry) == "b"


# --- the settings, and the commands ---


def test_the_registrys_current_model_serves_where_no_other_is_named() -> None:
    assert Settings().model_folder == ""
    assert Settings(models="var/models").model_folder == "var/models/current"
    assert Settings(models="var/models", model="mine").model_folder == "mine"


def command(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.slow
def test_promote_rollback_and_list(tmp_path: Path) -> None:
    models = ("--models", tmp_path / "models")
    for version in "ab":
        done = command("promote", named(shipped(), tmp_path / "made" / version), *models)
        assert (done.exit_code, done.stdout) == (0, f"{models[1]}: {version} serves\n"), done.stderr
    assert command("rollback", *models).stdout == f"{models[1]}: a serves\n"
    listed = command("list", *models).stdout.splitlines()
    assert [line[:3] for line in listed] == ["* a", "  b"] and "catalog " in listed[0]
    assert command("promote", "b", *models).stdout == f"{models[1]}: b serves\n"


def test_a_model_of_another_catalog_is_not_promoted(tmp_path: Path, make: Make) -> None:
    done = command("promote", make("a"), "--models", tmp_path / "models")
    assert done.exit_code == 2 and "made for catalog '2026-01-01-world'" in done.stderr
    assert not (tmp_path / "models").exists()


def test_the_registry_may_be_named_by_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "say --models" in command("list").stderr and command("list").exit_code == 2
    monkeypatch.setenv("DEPICTS_MODELS", str(tmp_path / "none"))
    done = command("list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"{tmp_path / 'none'}: no model was promoted yet\n"
    done = command("rollback")
    assert done.exit_code == 2 and "none: no model was promoted yet" in done.stderr
    done = command("promote", "tiny-1")
    assert done.exit_code == 2 and "no model 'tiny-1'; there are: none" in done.stderr


def test_a_history_that_is_none_is_one_line_with_the_way_out(
    registry: Registry, make: Make
) -> None:
    registry.promote(make("a"))
    (registry.folder / "history.json").write_text('["../../etc"]')
    done = command("list", "--models", registry.folder)
    assert done.exit_code == 2 and "history.json: not a list of versions" in done.stderr
    assert f"; remove it, and promote {registry.folder}/VERSION again" in done.stderr
    (registry.folder / "history.json").unlink()
    assert registry.promote(registry.folder / "a") == "a"
    assert registry.versions() == ["a"]


def test_a_registry_of_which_nothing_serves_says_so(registry: Registry, make: Make) -> None:
    registry.promote(make("a"))
    (registry.folder / "current").unlink()
    done = command("list", "--models", registry.folder)
    assert done.exit_code == 0 and done.stdout.startswith("  a  ")
    assert done.stderr == f"{registry.folder}: none of them serves, promote one\n"


def test_what_judged_a_model_is_kept_when_the_model_is_not(registry: Registry, make: Make) -> None:
    for number in range(KEPT + 2):
        made = make(f"m-{number}")
        if number != 1:  # of `fit`, which has no such list
            put(made, "holdout.npz", b"%d" % number)
        registry.promote(made)
    assert len(registry.versions()) == KEPT
    assert [path.read_bytes() for path in registry.held_out()] == [b"0", b"2", b"3", b"4"]
    registry.rollback()
    assert [path.read_bytes() for path in registry.held_out()] == [b"0", b"2", b"3", b"4"]


def test_what_judged_a_model_counts_only_once_it_serves(
    registry: Registry, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A retraining that is killed while it promotes finds its work of the same past."""
    made = make("m")
    put(made, "holdout.npz", b"m")
    with monkeypatch.context() as patch:
        patch.setattr(Registry, "_point_at", lambda *_: None)
        registry.promote(made)
    assert registry.held_out() == () and registry.versions() == ["m"]
    registry.promote(made)
    assert [path.read_bytes() for path in registry.held_out()] == [b"m"]
