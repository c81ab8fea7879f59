"""New files from the live event stream, read 48 hours late: its history is the queue.

The stream keeps a week or more, and goes on after the event that a reader names. So nothing is
queued here: a run reads from its last event on, and ends at the first one whose time has not come.
It brings the pages made on all wikis of the stream, of which most are not ours, where the upload
log would bring only uploads: it is for who may not read the log often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from depicts_bot.site import home
from depicts_bot.sources import Source, Step
from depicts_bot.uploads import Upload, parse_timestamp, timestamp
from depicts_bot.wiki import LATER, Json, Wiki
from depicts_model.errors import ConfigurationError, WikiError

FILES: Final = 6
"""The namespace of files."""
OPENED: Final = 5
"""Times in a row that the stream is opened and says nothing, until it counts as out of order."""
_FRACTION: Final = re.compile(r"\.\d+(?=Z$)")


@dataclass(frozen=True, slots=True)
class NewPages(Source):
    """Files whose pages were made, in the order of the stream ``mediawiki.page-create``."""

    url: str
    kind = "stream"
    retries = True

    def steps(self, wiki: Wiki, after: str | None, until: datetime, batch: int) -> Iterator[Step]:
        """See `Source.steps`. The checkpoint: the id of the last event; without one, ``until``."""
        host, last = urlsplit(wiki.api).hostname, after
        for mark, event in Reading(self.url, after, until).events():
            upload, domain = _read(event, self.url)
            if upload.at > until:
                break
            last = mark
            if domain == host and event.get("page_namespace") == FILES:
                yield Step(upload, mark)
        # the wiki may be a quiet one: nobody reads again what the others did meanwhile
        if last:
            yield Step(None, last)


def _read(event: Json, url: str) -> tuple[Upload, str]:
    """The page that was made, and the host of its wiki; raises WikiError where none is told."""
    try:
        at = parse_timestamp(_FRACTION.sub("", event["meta"]["dt"]))
        title = event["page_title"].replace("_", " ")
        return Upload(0, at, int(event["page_id"]), title), event["meta"]["domain"]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WikiError("stream", f"{url}: an event that tells of no page", LATER) from None


@dataclass(slots=True)
class Reading:
    """The stream as pywikibot reads it, with the id of each event."""

    url: str
    after: str | None
    until: datetime
    _mark: str = ""
    _opened: int = field(default=0)

    def events(self) -> Iterator[tuple[str, Json]]:
        """Raises WikiError where the stream is out of order, ConfigurationError without reader."""
        stream = self._stream()
        try:
            for event in stream:
                yield self._mark, event
        # requests' errors are OSErrors; of what is no object pywikibot asks for the parts
        except (OSError, ValueError, AttributeError) as error:
            told = " ".join(str(error).split())[:300]
            raise WikiError("stream", f"{self.url}: {told}", LATER) from None
        finally:
            if hasattr(stream, "source"):
                stream.source.close()

    def _stream(self) -> Any:
        home()
        from pywikibot.comms.eventstreams import EventStreams

        begin = {} if self.after else {"since": timestamp(self.until)}
        try:
            return EventStreams(
                site=None,
                url="?".join(filter(None, (self.url, urlencode(begin)))),
                latest_event_id=self.after,
                on_open=self._open,
                on_message=self._heard,
            )
        except ImportError:
            raise ConfigurationError(
                "--stream needs the package requests-sse: install the extra 'stream'"
            ) from None

    def _open(self) -> None:
        self._opened += 1
        if self._opened > OPENED:
            raise WikiError("stream", f"{self.url}: closed again and again", LATER)

    def _heard(self, message: Any) -> None:
        self._opened, self._mark = 0, message.last_event_id
