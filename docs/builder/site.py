"""Builds the site of a language, and the page in front of both."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

from .staging import DOCS, stage
from .words import LANGUAGES, WORDS, Language

__all__ = ["build", "front_page"]

_THEME = DOCS / "theme"
_SIDEBARS = ("brand", "language", "search", "scroll-start", "navigation", "scroll-end")


def build(language: Language, into: Path, *, endpoints: str = "", modules: str = "") -> None:
    """Build the site of one language below `into`, in a directory of the language's name.

    Args:
        language: Which.
        into: The directory of the whole site. Beside it, `sources` is written.
        endpoints: A regular expression: which endpoints' pages to make, by their names.
        modules: The same for the modules of the reference.

    Raises:
        SphinxError: Something is wrong with a page; Sphinx's warnings count.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    sources = into.parent / f"{into.name}-sources" / language
    stage(language, sources, modules)
    out = into / language
    shutil.rmtree(out, ignore_errors=True)
    complaints = StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=sources,
            confdir=None,
            outdir=out,
            doctreedir=sources / ".doctrees",
            buildername="html",
            confoverrides=_settings(language, endpoints),
            status=None,
            warning=complaints,
            freshenv=True,
        )
        app.build(force_all=True)
    if complaints.getvalue():
        raise SphinxError(complaints.getvalue())
    for left_over in (".buildinfo", "objects.inv"):
        (out / left_over).unlink(missing_ok=True)


def front_page(into: Path) -> None:
    """Write the page that leads to the language of whoever opens it."""
    links = " · ".join(
        f'<a href="{one}/index.html" lang="{WORDS[one].locale.replace("_", "-")}">{name}</a>'
        for one, name in zip(LANGUAGES, ("English", "中文"), strict=True)
    )
    script = 'location.replace((navigator.language.startsWith("zh") ? "zh" : "en") + "/index.html")'
    into.mkdir(parents=True, exist_ok=True)
    (into / "index.html").write_text(
        '<!doctype html>\n<meta charset="utf-8">\n<title>wechatpay</title>\n'
        f"<p>{links}</p>\n<script>{script}</script>\n",
        "utf-8",
    )


def _settings(language: Language, endpoints: str) -> dict[str, Any]:
    words = WORDS[language]
    return {
        "project": "wechatpay",
        "release": version("wechatpay-openapi"),
        "language": words.locale,
        "extensions": [
            "myst_parser",
            "sphinx.ext.autodoc",
            "sphinx.ext.napoleon",
            "docs.builder.extension",
        ],
        "site_language": language,
        "site_endpoints": endpoints,
        "templates_path": [str(_THEME / "templates")],
        "html_static_path": [str(_THEME / "static")],
        "html_theme": "furo",
        "html_title": "wechatpay",
        "html_css_files": ["site.css"],
        "html_sidebars": {
            "**": [
                f"{one}.html" if one == "language" else f"sidebar/{one}.html" for one in _SIDEBARS
            ]
        },
        "html_copy_source": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        # Where a Chinese font comes first, its quotation marks are as wide as an ideograph.
        "smartquotes": False,
        "html_use_index": True,
        "html_domain_indices": False,
        "html_theme_options": {"top_of_page_buttons": []},
        "pygments_style": "friendly",
        "default_role": "literal",
        "highlight_options": {"php": {"startinline": True}},
        "myst_enable_extensions": ["attrs_inline", "colon_fence"],
        "myst_heading_anchors": 3,
        "autodoc_typehints": "description",
        "autodoc_typehints_description_target": "documented_params",
        "autodoc_member_order": "bysource",
        "autodoc_preserve_defaults": True,
        "napoleon_numpy_docstring": False,
        "napoleon_use_ivar": True,
        "suppress_warnings": ["config.cache"],
    }
