"""How gunicorn serves the web part; it reads this file where it starts.

    gunicorn 'depicts_toolforge.app:create_app()'

The address and the number of workers come from the command line or GUNICORN_CMD_ARGS.
"""

import gc
from typing import Any

from gunicorn.glogging import Logger

preload_app = True
"""The application is made once, before the workers: they share its memory."""
workers = 2
limit_request_line = 8190
"""Bytes of method, path and query: room for the five hundred items that a file may have."""
limit_request_fields = 64
limit_request_field_size = 8190
control_socket_disable = True
"""It would lie in the home of the tool, a disk that is shared; nobody here asks for it."""


class Lines(Logger):
    """Logs as the service does: a line of JSON, and nothing of who asks or what for."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does, but for the form of a line."""
        # the path to the service is known only by now
        from depicts_toolforge.logs import ServerLines

        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(ServerLines())


logger_class = Lines


def pre_fork(server: Any, worker: Any) -> None:
    """Keep what the workers share shared.

    The garbage collector writes into every object that it looks at, and so gives each process a
    copy of its own: 60 MB more for two workers. It no longer looks at what is there by now.
    """
    gc.freeze()
