"""The served score is a system like the others."""

from depicts_model.linker.experiments import served

from .promises import holds


def test_served_holds_what_every_system_must() -> None:
    holds(served.SYSTEM, beats=0.6)
