"""The user script: the gadgets in one page, loaded and run as ResourceLoader would."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from depicts_gadget import user_script
from depicts_gadget.checkout import Checkout
from depicts_model.errors import ConfigurationError
from tests.gadget.deploying import FILES, NAME
from tests.test_gadget_units import GADGET, node, parsed

TEMPLATE = (GADGET / user_script.TEMPLATE).read_text(encoding="utf-8")
SMALL = FILES | {
    "user-script.js": TEMPLATE,
    # pressed at once
    "src/button.js": f"told.push( 'button' ); mw.loader.using( '{NAME}-core' )"
    f".then( ( require ) => told.push( require( '{NAME}-core' ).one, mw.Api, require( 'vue' ) ) );",
}
PAGE = """
const told = [];
const states = {};
global.told = told;
const loader = {
    getState: ( name ) => states[ name ] || null,
    using: ( names ) => { told.push( names.join() ); mw.Api = 'api'; return Promise.resolve(); },
    require: ( name ) => 'the wiki\\'s ' + name,
    load: ( name ) => told.push( 'loads ' + name ),
    addStyleTag: ( text ) => told.push( text )
};
global.mw = { loader: loader };
"""


def told(script: str, before: str = "") -> list[str]:
    """What happens on a page that runs this."""
    after = "setTimeout( () => process.stdout.write( JSON.stringify( told ) ), 20 );"
    text = "\n".join([PAGE, before, script, after])
    done = subprocess.run([node(), "-"], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_the_core_is_run_when_it_is_wanted_and_finds_its_files_and_the_wikis() -> None:
    small = user_script.script(SMALL.__getitem__)
    assert told(small) == [
        "", "", "button", "vue", ".one { margin: 0; }", "Töne & <b>", "api", "the wiki's vue",
    ]  # fmt: skip


def test_a_wiki_that_has_the_gadget_loads_its_own() -> None:
    small = user_script.script(SMALL.__getitem__)
    assert told(small, f"states[ '{NAME}' ] = 'registered';") == [f"loads {NAME}"]


def test_our_own_is_es2016_and_holds_every_file(tmp_path: Path) -> None:
    checkout = Checkout(GADGET)
    script = user_script.script(checkout.read)
    path = tmp_path / "script.js"
    path.write_text(script, encoding="utf-8")
    done = parsed(path)
    assert done.returncode == 0, done.stderr
    for source in (GADGET / "src").glob("*.js"):
        assert source.read_text(encoding="utf-8").strip() in script


@pytest.mark.parametrize("template", [None, "no place"])
def test_without_its_template_there_is_none(template: str | None) -> None:
    found = {k: v for k, v in SMALL.items() if k != user_script.TEMPLATE}
    if template:
        found[user_script.TEMPLATE] = template
    with pytest.raises(ConfigurationError, match=user_script.TEMPLATE):
        user_script.script(found.__getitem__)
