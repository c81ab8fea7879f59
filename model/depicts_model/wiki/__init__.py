"""Floor 1: what is read from a wiki over plain HTTP, beside its Action API.

The Action API belongs to the bot, through pywikibot alone; nothing here calls ``api.php`` and
nothing here writes. One function a module touches the network and raises (``WikiError``,
``ImageError``); its caller decides what that means for a file. No database, no catalog.
"""
