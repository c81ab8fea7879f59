"""A real MediaWiki 1.43 on loopback, for the tests of the gadget; no part of the product.

Debian's package is unpacked into a folder that git ignores (`packages`), installed once with SQLite
(`installed`), and each test run serves a copy of that from PHP's built-in server (`served`).

It has no Wikibase. What browsers see is a proxy before it (`proxy`): the embedded wiki of
``tests/sandbox`` answers for Wikibase, by what the real wiki says of people and pages, and makes
its edits there (`wikibase`, `mirror`); pages of files get the structured data that Commons shows
(`panel`). `scene` puts all together with the gadget and the service of suggestions.

Rules of the house here: nothing of the machine changes but PHP's packages, and those only by root;
no host is named; a wiki listens on 127.0.0.1 only; processes are ended by their own ids. The wiki's
state is changed by its own API or by `served.MediaWiki.settings`, never in its tables: what the
server keeps in memory would not hear of it. Statements are changed by the API of Wikibase alone:
the embedded wiki's state holds no revision that MediaWiki does not have.
"""
