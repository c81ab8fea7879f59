"""How gunicorn serves the web part; it reads this file where it starts.

    gunicorn 'depicts_toolforge.app:create_app()'

The address and the number of workers come from the command line or GUNICORN_CMD_ARGS.
"""

import gc
from typing import Any

preload_app = True
"""The application is made once, before the workers: they share its memory."""
workers = 2
limit_request_line = 8190
"""Bytes of method, path and query: room for the five hundred items that a file may have."""
limit_request_fields = 64
limit_request_field_size = 8190


def pre_fork(server: Any, worker: Any) -> None:
    """Keep what the workers share shared.

    The garbage collector writes into every object that it looks at, and so gives each process a
    copy of its own: 60 MB more for two workers. It no longer looks at what is there by now.
    """
    gc.freeze()
