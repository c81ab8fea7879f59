"""From pixels to items: arrays and values in, values out.

Allowed here: numpy, scipy, Pillow, torch, transformers, faiss, and the ground floor. Not
allowed: sockets, databases, clocks, global state. The catalog arrives as a value (`facts.Facts`).
The web process never imports this package, and importing it loads nothing heavy: import the
module that you need (`link.Linker` to serve; `artefact`, `calibrate`, `display` to fit).
"""
