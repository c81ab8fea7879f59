"""The embedded wiki: a small stand-in for Commons and Wikidata, for tests and the demo.

It answers the Action API as the recorded traffic of a real wiki does, serves file pages, images
and thumbnails, and enforces what the real one enforces. It is no part of the product.

Rules of the house here: the core (``state``, ``site``, ``entity``) knows no HTTP; ``api`` modules
know no sockets; nothing reads the recording, and nothing is answered for a particular request.
"""
