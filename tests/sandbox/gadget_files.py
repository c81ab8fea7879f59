"""What the page's loader fetches: Vue and Codex as MediaWiki ships them, and the gadget's modules.

``gadget-js/gadgets.json`` says which files make a module. Each file is wrapped as ResourceLoader
wraps package files: ``function ( require, module, exports ) { … }``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]

GADGET = Path(__file__).parents[2] / "gadget-js"
STATIC = Path(__file__).with_name("static")
BUTTON = "ext.gadget.suggest-depicts"
SETUP = "make setup"
"""The command that fetches what is not ours."""

_VUE = "node_modules/vue/dist/vue.global.prod.js"
_CODEX = "node_modules/@wikimedia/codex/dist/"
_TOKENS = "node_modules/@wikimedia/codex-design-tokens/dist/theme-wikimedia-ui-"
_NEEDED = (_VUE, f"{_CODEX}codex.umd.cjs", f"{_CODEX}codex.style.css", f"{_TOKENS}root.css")
# window.Vue: the templates that this build compiles look for it there;
# createMwApp of MediaWiki's vue module also gives components $i18n, which the gadget does not use
_VUE_END = """
window.Vue = Vue;
module.exports = Object.assign( {}, Vue, { createMwApp: Vue.createApp } );
"""
_DARK = "html.skin-theme-clientpref-os"
_NIGHT = "html.skin-theme-clientpref-night"


@dataclass(frozen=True, slots=True)
class GadgetConfig:
    """The gadget on the pages of the wiki.

    ``service`` is the suggestion service's address, ``folder`` where the gadget's files are.
    """

    service: str
    folder: Path = GADGET

    @property
    def installed(self) -> bool:
        """Whether Vue and Codex are there."""
        return all((self.folder / name).is_file() for name in _NEEDED)


def dependencies(gadget: GadgetConfig) -> dict[str, list[str]]:
    """Every module that the loader knows, and those that it depends on."""
    ours = {name: one["dependencies"] for name, one in _gadgets(gadget).items()}
    return {"vue": [], "@wikimedia/codex": ["vue"], **ours}


def script(gadget: GadgetConfig, name: str) -> str | None:
    """A module as the loader takes it; None where there is no such module."""
    if name == "vue":
        return _implement(name, {"vue.js": _read(gadget, _VUE) + _VUE_END})
    if name == "@wikimedia/codex":
        return _implement(name, {"codex.js": _read(gadget, f"{_CODEX}codex.umd.cjs")})
    found = _gadgets(gadget).get(name)
    if found is None:
        return None
    styles = "\n".join(_read(gadget, one) for one in found["styles"])
    return _implement(name, {one: _read(gadget, one) for one in found["files"]}, styles)


def style(gadget: GadgetConfig, name: str) -> str | None:
    """A style sheet of Codex by name: ``tokens`` (light and dark) or ``codex``."""
    if name == "codex":
        return _read(gadget, f"{_CODEX}codex.style.css")
    if name != "tokens":
        return None
    dark = _read(gadget, f"{_TOKENS}mode-dark.css")
    by_system = f"@media ( prefers-color-scheme: dark ) {{\n{dark.replace(':root', _DARK)}}}\n"
    return _read(gadget, f"{_TOKENS}root.css") + by_system + dark.replace(":root", _NIGHT)


def _gadgets(gadget: GadgetConfig) -> dict[str, Json]:
    found: dict[str, Json] = json.loads(_read(gadget, "gadgets.json"))
    return found


def _read(gadget: GadgetConfig, name: str) -> str:
    return (gadget.folder / name).read_text(encoding="utf-8")


def _implement(name: str, files: dict[str, str], styles: str = "") -> str:
    parts = [f"{json.dumps(path)}: {_wrapped(path, text)}" for path, text in files.items()]
    told = f"{json.dumps(name)}, {{\n{','.join(parts)}}}, {json.dumps(styles)}"
    return f"mw.loader.impl( {told} );\n"


def _wrapped(path: str, text: str) -> str:
    if path.endswith(".json"):
        return text
    return f"function ( require, module, exports ) {{\n{text}\n}}"
