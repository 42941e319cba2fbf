"""Builds the site of a language, and the page in front of both."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

from .staging import DOCS, stage
from .words import LANGUAGES, WORDS, Language, Words

__all__ = ["build", "front_page", "not_found", "settings"]

_THEME = DOCS / "theme"
_NOT_FOUND = r"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>404 - wechatpay</title>
<style>
body {{ font: 1.1rem/1.7 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif;
  max-width: 34rem; margin: 15vh auto; padding: 0 1.2rem; }}
h1 {{ font-size: 3rem; margin: 0; color: #07833f; }}
a {{ color: #07833f; }}
@media (prefers-color-scheme: dark) {{ h1, a {{ color: #3ecf7a; }} }}
</style>
<h1>404</h1>
{parts}
<script>
const found = location.pathname.match(/^(.*?\/)(?:en|zh)\//);
if (found) for (const link of document.links) link.href = found[1] + link.getAttribute("href");
</script>
"""
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
            confoverrides=settings(language, endpoints),
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
        f'<link rel="icon" href="en/_static/favicon.svg">\n'
        f"<p>{links}</p>\n<script>{script}</script>\n",
        "utf-8",
    )


def not_found(into: Path) -> None:
    """Write the page that a server shows for an address that there is not, in both languages.

    It may stand for any address, so its links begin where the languages' folders are.
    """
    parts = "".join(
        f'<p lang="{WORDS[one].locale.replace("_", "-")}">{WORDS[one].not_found} '
        f'<a href="{one}/index.html">{WORDS[one].first_page}</a> · '
        f'<a href="{one}/search.html">{WORDS[one].search}</a></p>'
        for one in LANGUAGES
    )
    (into / "404.html").write_text(_NOT_FOUND.format(parts=parts), "utf-8")


def _copying(words: Words) -> dict[str, str]:
    return {"data-copy": words.copy, "data-copied": words.copied}


def settings(language: Language, endpoints: str) -> dict[str, Any]:
    """Return what Sphinx is told for a language's site; `endpoints` as for `build`."""
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
        "html_js_files": [("copy.js", {"defer": "defer", **_copying(words)})],
        "html_favicon": str(_THEME / "static" / "favicon.svg"),
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
