"""What all tests share: property tests that bear a busy machine, programs that hear interrupts."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

# a shell's background job ignores interrupts, and so would every program that it tests
signal.signal(signal.SIGINT, signal.default_int_handler)
