"""The HTTP face: suggestions out, verdicts in.

Rules of this package:

- It imports ``depicts_model`` up to ``store`` and ``catalog``, flask and what flask brings; never
  ``linker``, torch, faiss, numpy or pywikibot: a container has one processor and no room for them.
- It reaches no network and no wiki. Web and bot meet only in the store: ``lists`` learns there what
  the bot found changed on the wiki, ``switches`` what is switched off. ``catalogs`` sees where
  the catalog's file was replaced.
- ``asked`` reads requests, ``answers`` and ``items`` shape what is said, all pure; ``api`` joins
  them. ``openapi.json`` describes it, and the tests hold every answer against it.
- A token never stands in a body: bodies have ETags and are compressed.
- Requests are counted by page and by token (``limiting``), never by address.
- Pages show what ``answers`` says and nothing else: ``filters`` reads what is asked, ``cards`` and
  ``wording`` say it in plain words, all pure; ``pages`` joins them. Pages need no script, and
  their templates escape everything: nothing is marked as safe.
- What is published of how it goes is shaped by ``figures``, ``plots``, ``opinions`` and
  ``operating``, all pure; ``reports`` joins them. A share stands with what it is a share of, and
  what is not measured is said not to be.
- Every answer of 400 and above is ``application/problem+json``, or a page where a person asked for
  one; no traceback leaves the process.
- No cookie is set, no address is stored or logged, nothing is kept that names a person.
"""
