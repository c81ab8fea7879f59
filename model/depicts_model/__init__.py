"""What a depiction is, and how it is found.

Floors inside this package; imports go down only, and ``tests/test_floors.py`` enforces it:

3. ``cli``: the maintainer's commands; may use everything below.
2. ``linker``: from pixels to items; arrays and values in, values out; no sockets, no database.
1. ``wiki``, ``store``, ``catalog``, ``hub``, ``cache``: the outside world; they never import each
   other.
0. ``types``, ``errors``, ``settings``, ``claims``, ``overrides``, ``switch``: standard library
   only.
"""
