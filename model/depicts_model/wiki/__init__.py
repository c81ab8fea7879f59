"""Floor 1: what is read from a wiki over plain HTTP, beside its Action API.

The Action API belongs to the bot, through pywikibot alone; nothing here calls ``api.php`` and
nothing here writes. One function a module touches the network and raises (``WikiError``,
``ImageError``); its caller decides what that means for a file. A SPARQL service is asked here too;
what is asked, and what the answers mean, is the catalog's. No database, no catalog.
"""
