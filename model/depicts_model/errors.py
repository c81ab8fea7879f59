"""Errors that a person reads: one line that names what went wrong and where."""

from __future__ import annotations


class DepictsError(Exception):
    """Base of every expected failure; ``str()`` of it is one line fit for a person."""


class ConfigurationError(DepictsError):
    """A setting is unknown, missing or unfit."""


class ArtefactError(DepictsError):
    """A catalog or a model is missing, damaged, or does not belong to its companion."""


class ImageError(DepictsError):
    """An image cannot be decoded, or is one that we refuse to decode.

    ``retry_after`` is in seconds, None where another look at the same file makes no sense.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreError(DepictsError):
    """The database cannot be reached or written; nothing of the failed step was kept."""


class UnsureError(StoreError):
    """The connection was lost while the work was being kept: it was, or it was not."""


class WikiError(DepictsError):
    """The wiki answered an error.

    ``code`` is the API's own code (or ``http-<status>``, ``network``);
    ``retry_after`` is in seconds, None where a retry makes no sense.
    """

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.retry_after = retry_after


class UnfinishedError(WikiError):
    """The service did not come to the end of its answer; to ask for less may help."""
