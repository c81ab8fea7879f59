"""What a person sees, in a real browser: Debian's Chromium, led by playwright.

Pages here are our own, on loopback. A test takes the ``browser`` fixture and opens a context of
its own; `axe_findings` judges what is shown. Without Chromium these tests are skipped, and say so.
"""
