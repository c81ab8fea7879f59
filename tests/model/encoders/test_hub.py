"""The hub: its cache first, safetensors only, and one clear line where neither serves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from depicts_model.errors import ArtefactError
from depicts_model.hub import missing, snapshot

from .snapshots import REVISION

DEAD = "http://127.0.0.1:9"
ASK = """
import sys
import time
from pathlib import Path
from depicts_model.errors import DepictsError
from depicts_model.hub import snapshot
time.sleep = lambda seconds: None  # the hub's own client waits longer before each try
try:
    told = lambda line: print(line, file=sys.stderr)
    print(snapshot(sys.argv[1], sys.argv[2], Path(sys.argv[3]), told))
except DepictsError as error:
    sys.exit(f"error: {error}")
"""


def ask(
    repository: str, cache: Path, endpoint: str = DEAD, **settings: str
) -> subprocess.CompletedProcess[str]:
    """`snapshot` in a process of its own: huggingface_hub reads its address when it is imported."""
    return subprocess.run(
        [sys.executable, "-c", ASK, repository, REVISION, str(cache)],
        env={
            "PYTHONPATH": ":".join(sys.path),
            "HF_ENDPOINT": endpoint,
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "NO_PROXY": "*",
            **settings,
        },
        capture_output=True,
        text=True,
    )


# --- the cache ---


def test_a_whole_checkpoint_in_the_cache_needs_no_network(cache: Path, kind: str) -> None:
    folder = snapshot(f"toy/{kind}", REVISION, cache)
    assert folder == cache / f"models--toy--{kind}" / "snapshots" / REVISION
    assert missing(folder) == ""


@pytest.mark.parametrize(
    ("repository", "revision", "expected"),
    [
        ("clip", REVISION, "not a repository, owner/name: 'clip'"),
        ("toy/clip/x", REVISION, "not a repository"),
        ("toy/../clip", REVISION, "not a repository"),
        ("toy/clip\n", REVISION, "not a repository"),
        ("toy/clip", "main", "toy/clip: not a revision of 40 hex digits: 'main'"),
        ("toy/clip", REVISION[:7], "not a revision"),
        ("toy/clip", REVISION.upper(), "not a revision"),
    ],
)
def test_names_that_cannot_be_are_refused_before_anything_is_asked(
    cache: Path, repository: str, revision: str, expected: str
) -> None:
    with pytest.raises(ArtefactError) as caught:
        snapshot(repository, revision, cache)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("model.safetensors", "no safetensors"),
        ("config.json", "no config.json"),
        ("preprocessor_config.json", "no preprocessor_config.json"),
        ("tokenizer_config.json", "no tokenizer_config.json"),
    ],
)
def test_a_checkpoint_that_is_not_whole_is_not_taken_for_one(
    cache: Path, tmp_path: Path, lost: str, expected: str
) -> None:
    folder = tmp_path / "models--toy--clip" / "snapshots" / REVISION
    shutil.copytree(cache / "models--toy--clip" / "snapshots" / REVISION, folder)
    (folder / lost).unlink()
    assert missing(folder).startswith(expected)
    with pytest.raises(ArtefactError, match=f"toy/clip at {REVISION}: ") as caught:
        snapshot("toy/clip", REVISION, tmp_path)
    assert "\n" not in str(caught.value)


def test_every_shard_of_the_index_must_be_there(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sharded"
    shutil.copytree(cache / "models--toy--clip" / "snapshots" / REVISION, folder)
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    index = folder / "model.safetensors.index.json"
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    index.write_text(json.dumps({"weight_map": shards}))
    assert missing(folder) == "no model-00002-of-00002.safetensors"
    for damaged in ("[]", "{", '{"weight_map": 1}'):
        index.write_text(damaged)
        assert missing(folder) == "model.safetensors.index.json cannot be read"


# --- the network ---


@dataclass
class Hub:
    """A hub on loopback with one repository; it writes down what is asked of it."""

    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a path."""
        name = path.partition(f"/resolve/{REVISION}/")[2]
        if f"/tree/{REVISION}" in path and self.files:
            listed = [
                {"type": "file", "path": name, "size": len(body), "oid": sha256(body).hexdigest()}
                for name, body in self.files.items()
            ]
            return 200, {"Content-Type": "application/json"}, json.dumps(listed).encode()
        if name in self.files:
            body = self.files[name]
            tag = {"ETag": f'"{sha256(body).hexdigest()}"', "X-Repo-Commit": REVISION}
            return 200, tag, body
        return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Hub]:
    hub = Hub(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(self.path)
            status, headers, body = hub.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


RUNNABLE = ("pytorch_model.bin", "model.pt", "rust_model.ot", "modeling_x.py", "x.pkl")
PICKLES = dict.fromkeys(RUNNABLE, b"\x80\x04run me")


@pytest.mark.slow
def test_a_download_takes_safetensors_and_leaves_what_can_run(cache: Path, tmp_path: Path) -> None:
    files = files_of(cache / "models--toy--clip" / "snapshots" / REVISION)
    with serving(files | PICKLES) as hub:
        done = ask("toy/clip", tmp_path, hub.address)
        assert done.returncode == 0, done.stderr
        folder = Path(done.stdout.strip())
        assert files_of(folder) == files
        assert not [path for path in hub.asked if any(name in path for name in PICKLES)]
        hub.asked.clear()
        assert ask("toy/clip", tmp_path, hub.address).stdout == done.stdout
        assert hub.asked == [], "the cache comes first"
    assert ask("toy/clip", tmp_path).stdout == done.stdout, "and needs no hub"


@pytest.mark.slow
def test_a_repository_of_pickles_alone_is_refused(cache: Path, tmp_path: Path) -> None:
    files = files_of(cache / "models--toy--clip" / "snapshots" / REVISION)
    del files["model.safetensors"]
    with serving(files | PICKLES) as hub:
        done = ask("toy/clip", tmp_path, hub.address)
    _, line = done.stderr.splitlines()
    assert line.startswith(f"error: toy/clip at {REVISION}: no safetensors"), line
    assert done.returncode == 1 and not list(tmp_path.rglob("*.bin"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("endpoint", "settings", "cause"),
    [
        (DEAD, {}, "ConnectError: [Errno 111] Connection refused"),
        (DEAD, {"HF_HUB_OFFLINE": "1"}, "OfflineModeIsEnabled: "),
        ("", {}, "RepositoryNotFoundError: 404"),
    ],
    ids=["dead", "offline", "unknown"],
)
def test_neither_network_nor_cache_is_one_line(
    tmp_path: Path, endpoint: str, settings: dict[str, str], cause: str
) -> None:
    with serving({}) as hub:
        done = ask("toy/none", tmp_path, endpoint or hub.address, **settings)
    (asking, line) = done.stderr.splitlines()
    assert asking == f"toy/none at {REVISION}: not whole in the cache; asking the hub …"
    said = f"error: toy/none at {REVISION}: not in the cache, and the hub does not give it: {cause}"
    assert line.startswith(said), line
