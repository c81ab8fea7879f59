"""A pywikibot home for the embedded wiki: configuration, family and password file."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

FAMILY = "sandbox"

_FAMILY = '''"""The embedded wiki: its files as code ``commons``, its items as ``wikidata``."""

from pywikibot import family


class Family(family.Family):
    name = "sandbox"
    langs = {"commons": "HOST", "wikidata": "HOST"}
    interwiki_forward = None

    def protocol(self, code):
        return "http"

    def scriptpath(self, code):
        return "/w" if code == "commons" else "/wikidata/w"

    def interface(self, code):
        return "DataSite"

    def entity_sources(self, code):
        source = ("wikidata", "sandbox")
        return {"item": source, "property": source} if code == "commons" else {}

    def default_globe(self, code):
        return "earth"
'''

_CONFIG = """family = "sandbox"
mylang = "commons"
family_files["sandbox"] = FAMILY_FILE
usernames["sandbox"]["commons"] = USER
usernames["sandbox"]["wikidata"] = USER
password_file = PASSWORD_FILE
put_throttle = 0
minthrottle = 0
maxthrottle = 1
max_retries = 2
retry_wait = 1
retry_max = 2
write_maxlag = 5
console_encoding = "utf-8"
"""


def write_home(folder: Path, url: str, user: str, app: str, password: str) -> dict[str, str]:
    """Write the files into ``folder``; returns the environment in which pywikibot finds them.

    ``user``, ``app`` and ``password`` are a bot password (``user@app``).
    """
    family, secrets = folder / "sandbox_family.py", folder / "user-password.cfg"
    family.write_text(_FAMILY.replace("HOST", urlsplit(url).netloc))
    secrets.write_text(f'("{user}", BotPassword("{app}", "{password}"))\n')
    secrets.chmod(0o600)
    config = folder / "user-config.py"
    config.write_text(
        _CONFIG.replace("FAMILY_FILE", repr(str(family)))
        .replace("PASSWORD_FILE", repr(str(secrets)))
        .replace("USER", repr(user))
    )
    config.chmod(0o600)
    return {**os.environ, "PYWIKIBOT_DIR": str(folder)}
