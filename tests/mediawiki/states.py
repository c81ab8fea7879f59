"""Special states of a scene, each taken back when its ``with`` ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from depicts_model import switch
from depicts_model.switch import ON, Switch

from .installed import ADMIN
from .scene import TAG, Scene


@contextmanager
def untagged(scene: Scene) -> Iterator[None]:
    """The wiki has switched the gadget's tag off."""
    admin = scene.wiki.session(ADMIN)
    admin.post(action="managetags", operation="deactivate", tag=TAG, reason="test")
    try:
        yield
    finally:
        admin.post(action="managetags", operation="activate", tag=TAG, reason="test")


@contextmanager
def served(scene: Scene, **settings: object) -> Iterator[None]:
    """The service runs with these settings."""
    scene.restart(**settings)
    try:
        yield
    finally:
        scene.restart()


@contextmanager
def paused(scene: Scene, reason: str) -> Iterator[None]:
    """Everything is switched off, by the wiki's switch as the bot has read it."""
    _switch(scene, Switch(stopped=True, reason=reason))
    try:
        yield
    finally:
        _switch(scene, ON)


def _switch(scene: Scene, how: Switch) -> None:
    scene.store.note(switch.NOTE, how.note(), datetime.now(UTC))
    # it looks every few seconds only
    scene.restart()
