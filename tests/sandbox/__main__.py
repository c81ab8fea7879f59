"""``python -m tests.sandbox``: an embedded wiki as a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from .photos import demo_world
from .server import EmbeddedWiki
from .world import World, read_world


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    world = parser.add_mutually_exclusive_group(required=True)
    world.add_argument("--demo", action="store_true", help="real photographs, a bot, an editor")
    world.add_argument("--seed", type=Path, help="a JSON file of files, users and entities")
    parser.add_argument(
        "--labels", type=Path, help="with --demo: JSON of item ids and English labels that exist"
    )
    return parser.parse_args()


def _world(arguments: argparse.Namespace) -> World:
    if arguments.seed:
        return read_world(arguments.seed)
    labels: dict[str, str] = {}
    if arguments.labels:
        labels = json.loads(arguments.labels.read_text(encoding="utf-8"))
    return demo_world(labels)


def main() -> int:
    """Serve until SIGTERM or SIGINT; the first line on stdout is the address."""
    arguments = _arguments()
    try:
        wiki = EmbeddedWiki(_world(arguments), arguments.port)
    except (OSError, ValueError, OverflowError) as error:
        print(f"the embedded wiki cannot start on port {arguments.port}: {error}", file=sys.stderr)
        return 2
    ended = threading.Event()

    def end(number: int, frame: Any) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with wiki:
        print(wiki.url, flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
