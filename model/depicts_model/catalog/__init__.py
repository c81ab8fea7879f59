"""The items: labels, hierarchy and its closure, lists, label search, in one read-only SQLite file.

May be used by everything above (the web process too), so reading needs the standard library
only. Building uses sqlite-utils and is never imported by the reader. Nothing here touches the
network, the store, or a model; nothing here decides what is suggested for a file.
"""

from depicts_model.catalog.reader import Catalog

__all__ = ["Catalog"]
