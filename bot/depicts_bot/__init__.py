"""Floor 3: which files are looked at, and when. ``depicts-bot`` is its command.

The rules of this package:

- The Action API is spoken through pywikibot alone, in ``site`` and, to edit the report's page, in
  ``editing``; the other modules see ``Wiki``, three members that a test can stand in for. pywikibot
  is imported inside functions only: it reads the environment when imported, and ``--help`` must not
  pay for it.
- ``serve`` looks at what people ask for, one worker at a time (``leases``, ``serving``,
  ``server``); ``harvest`` reads what they saved and what became of it (``harvester``,
  ``harvest``, ``settling``, ``fates``, ``pausing``); ``report`` tells of it (``publisher``).
- The switch on the wiki (``switching``) is read before anything is looked at, again and again
  after, and before anything is stored.
- Who made an edit is known to the variables of ``settling`` alone, who uploaded a file to the
  facts that ``eligibility`` compares with the opt-outs: never stored, never printed.
- A run is a straight line, list → context → thumbnail → link → store: a source (``sources`` with
  ``uploads``, ``listings``, ``named``, ``events``; ``choosing`` picks one), ``context`` (with
  ``wikitext`` and ``eligibility``, both pure), ``portions`` (what is stored together), ``images``,
  the linker, the store; ``pipeline`` strings them, ``recording`` counts and shows them.
- What has an outcome is looked at again after the source (``stale``, with ``overwrites``), within
  a budget: the store names it, and what did not change costs no picture.
- Three threads a run: the caller's links and stores; one reads ahead (``ahead``), no further than
  a killed run may lose; one fetches thumbnails. The wiki is asked by one of them at a time.
- A source asks through ``Wiki`` too, a piece of its list a request: pywikibot's page generators
  ask for each page's properties one by one, or preload once more what ``context`` reads anyway.
- What people on the wiki change about the lists, and who wants no suggestions, is read first
  (``lists``, ``opting_out``), and recorded with the run, without names; a page that cannot be
  understood ends the run before anything is stored.
- Decide as data, act afterwards: a simulation prints the very list that a real run stores.
- A fault of a file is that file's Outcome; a fault of the wiki, the store, the model or the
  catalog is one line and ends the run with nothing lost.
- Nothing here edits a file's page or an entity. One page is edited, by ``editing`` alone: that of
  the bot's own report (``report --post``), between two marks that people have put there.
- Nothing here talks to the web service: they meet in the store.
"""
