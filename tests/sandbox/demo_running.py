"""The demo in motion: an embedded wiki, the steps one after another, and the end of it all."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from depicts_model.catalog import Catalog
from tests.sandbox.demo_approval import approve, no_button, surest
from tests.sandbox.demo_chain import (
    Chain,
    StepError,
    check_health,
    fetch_suggestions,
    judge_answers,
    run_again,
    run_bot,
    web_service,
    write_settings,
)
from tests.sandbox.editor import SaveError
from tests.sandbox.judging import TABLE
from tests.sandbox.photos import demo_world
from tests.sandbox.server import HOST, EmbeddedWiki
from tests.sandbox.world import World

VISITOR = "Reviewer"
"""Whoever opens a page of the embedded wiki is logged in as this account."""

Step = tuple[str, Callable[[Chain], str]]
STEPS: tuple[Step, ...] = (
    ("embedded wiki", write_settings),
    ("bot", run_bot),
    ("web service", check_health),
    ("suggestions", fetch_suggestions),
)
CHECKS: tuple[Step, ...] = (
    ("judged by the table", judge_answers),
    ("approve and save", approve),
    ("bot again", run_again),
)


def world_of(catalog: Catalog) -> World:
    """The demo's photographs, the first of their table uploaded last; items of the catalog.

    The gallery begins with the latest, and the first ones are good to look at.
    """
    world = demo_world({qid: catalog.label(qid) or qid for qid in catalog.qids})
    moments = [file["timestamp"] for file in world.files]
    turned = zip(reversed(world.files), moments, strict=True)
    return replace(world, files=tuple(file | {"timestamp": at} for file, at in turned))


@contextmanager
def embedded(
    folder: Path, port: int = 0, table: Path = TABLE, world: World | None = None
) -> Iterator[Chain]:
    """An embedded wiki, and what the steps hand on: on ``port`` the service, the wiki beside.

    0, or a port in use, takes free ones.

    Raises:
        StepError: no port can be had.
    """
    with Catalog.open(None) as catalog:
        files = world or world_of(catalog)
        with _wiki(files, port + 1 if port else 0) as wiki:
            yield Chain(folder, files, wiki, catalog, port, table)


def _wiki(world: World, port: int) -> EmbeddedWiki:
    with suppress(OSError):
        return EmbeddedWiki(world, port, visitor=VISITOR)
    try:
        return EmbeddedWiki(world, visitor=VISITOR)
    except OSError as error:
        raise StepError(f"embedded wiki: no port on {HOST}: {error.strerror}") from None


def carry_out(chain: Chain, steps: Sequence[Step], stack: ExitStack) -> None:
    """Every step, one line each; the service starts on the way and stops with ``stack``.

    Raises:
        StepError: the first that did not happen; its message begins with the step's name.
    """
    for number, (name, step) in enumerate(steps, 1):
        begun = time.monotonic()
        head = f"[{number}/{len(steps)}] {name}"
        if sys.stdout.isatty():
            print(f"{head} …", end="\r", flush=True)
        try:
            if step is check_health:
                chain.process = stack.enter_context(web_service(chain))
            first, *more = step(chain).splitlines()
        except (StepError, SaveError, OSError) as error:
            raise StepError(f"{name}: {error}") from None
        print(f"{head}: {first} ({time.monotonic() - begun:.1f} s)", *more, sep="\n", flush=True)


def check(folder: Path, table: Path = TABLE) -> None:
    """Run every step once.

    Raises:
        StepError: the first that did not happen.
    """
    begun = time.monotonic()
    steps = (*STEPS, *CHECKS)
    with ExitStack() as stack:
        chain = stack.enter_context(embedded(folder, table=table))
        carry_out(chain, steps, stack)
    print(f"demo-check: all {len(steps)} steps happened in {time.monotonic() - begun:.0f} s")


def show(folder: Path, port: int) -> None:
    """Run the steps up to the suggestions, and stay until somebody interrupts.

    Raises:
        StepError: a step did not happen, or the service ended by itself.
    """
    with ExitStack() as stack:
        chain = stack.enter_context(embedded(folder, port))
        carry_out(chain, STEPS, stack)
        print(invitation(chain, port), flush=True)
        try:
            _wait(chain)
        except KeyboardInterrupt:
            print("\nStopping …", flush=True)
    print("Stopped: nothing is left running.")


def _wait(chain: Chain) -> None:
    assert chain.process
    while chain.process.poll() is None:
        time.sleep(0.2)
    raise StepError(f"depicts-web ended by itself; see {chain.folder}/web.log")


def invitation(chain: Chain, port: int) -> str:
    """The two addresses, and what to do there."""
    title, doing = _task(chain)
    missing = no_button(chain)
    lines = ["", "Open in a browser:", f"  {chain.web}/gallery"]
    lines += ["      what was said about each photograph, and why", f"  {chain.page(title)}"]
    lines += [f"      {doing}"]
    lines += [f"      the button is not there yet: {missing}"] if missing else []
    lines += _moved(chain, port)
    return "\n".join([*lines, "", "Press Ctrl-C to stop."])


def _moved(chain: Chain, port: int) -> list[str]:
    """What is said where the ports are not those that were asked for."""
    wanted = ((port, chain.web), (port + 1, chain.wiki.url)) if port else ()
    taken = [one for one, address in wanted if not address.endswith(f":{one}")]
    words = "is in use, so a free one was taken (DEMO_PORT=… chooses)."
    return [line for one in taken for line in ("", f"Port {one} {words}")]


def _task(chain: Chain) -> tuple[str, str]:
    """File title, and what a newcomer does on its page."""
    found = surest(chain.answers)
    if found is None:
        return next(iter(chain.answers)), "press “Suggest depicts”: it says why there is nothing"
    title, chosen = found
    return title, (
        f"press “Suggest depicts”, approve “{chosen['label']}” if it is right, save, reload: the\n"
        f"      statement is on the page, saved by you (here: {VISITOR}), on this machine only"
    )
