"""The HTTP face: suggestions out, verdicts in.

Rules of this package:

- It imports ``depicts_model`` up to ``store`` and ``catalog``, flask and what flask brings; never
  ``linker``, torch, faiss, numpy or pywikibot: a container has one processor and no room for them.
- It reaches no network and no wiki. Web and bot meet only in the store.
- ``asked`` reads requests, ``answers`` shapes what is said, both pure; ``api`` joins them.
- Every answer of 400 and above is ``application/problem+json``; no traceback leaves the process.
- No cookie is set, no address is stored or logged, nothing is kept that names a person.
"""
