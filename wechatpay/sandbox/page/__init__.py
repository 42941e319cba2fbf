"""The page of a sandbox: play the customer, see what was signed, and have things go wrong.

It is served beside the endpoints, by the front with a socket, and needs the extra `sandbox`. It
works without JavaScript, loads nothing from elsewhere, and takes no forms from other origins.

This is the frame: the first page, requests, notifications, faults, clock and endpoints. Each family
brings its own part. A module with `places` says what is shown or done at some paths; what is said
is in `words`, how it looks in `templates` and `style.css`.
"""

from __future__ import annotations

from ._page import Page

__all__ = ["Page"]
