"""Tests of how the gadget gets onto a wiki, and of its texts in every language.

What `deploy` is made of is installed nowhere: it is found here, as its program finds it.
"""

import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "gadget-js" / "scripts"
sys.path.insert(0, str(SCRIPTS))
