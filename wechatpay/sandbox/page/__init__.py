"""The page of a sandbox: play the customer, see what was signed, and have things go wrong.

It is served beside the endpoints, by the front with a socket, and needs the extra `sandbox`. It
works without JavaScript, loads nothing from elsewhere, and takes no forms from other origins.

Each module but `_page`, `_guard`, `_language` and those that help to show things is a table of
`Place`: paths, and what is shown or done there. What is said is in `_chinese` and `_english`, how
it looks in `templates` and `style.css`.
"""

from __future__ import annotations

from ._page import Page

__all__ = ["Page"]
