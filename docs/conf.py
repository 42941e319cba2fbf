"""What an ordinary Sphinx needs to know: `sphinx-build docs build/html`; `-t zh` for Chinese.

`make docs` builds both languages, the page in front of them, and checks the links.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.builder.site import settings
from docs.builder.staging import stage
from docs.builder.words import Language

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

_TAGS: Any = globals()["tags"]  # Sphinx puts it there
_LANGUAGE: Language = "zh" if _TAGS.has("zh") else "en"

globals().update(settings(_LANGUAGE, ""))


def setup(app: Sphinx) -> None:
    """Have the pages of the language, and those of the reference, written before they are read.

    `-D site_endpoints=…` and `-D site_modules=…` take some of them only, by regular expressions.
    """
    app.add_config_value("site_modules", "", "env", str)
    app.connect("config-inited", _stage)


def _stage(app: Sphinx, config: Config) -> None:
    sources = Path(f"{app.outdir}-sources")
    stage(_LANGUAGE, sources, config.site_modules)
    app.srcdir = type(app.srcdir)(sources)
