"""The Action API: modules that read a `Call` and return an answer in formatversion 2's shape.

No sockets and no files here; a module raises `ApiError` to say no. What the old format version
writes differently is turned round in `shape` alone.
"""
