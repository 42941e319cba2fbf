"""Whose certificates TLS trusts: the environment's, or else certifi's."""

from __future__ import annotations

import os


def named() -> tuple[str | None, str | None]:
    """Return the file that the environment names, or else the directory; neither if it has none."""
    file = os.environ.get("SSL_CERT_FILE")
    return (file, None) if file else (None, os.environ.get("SSL_CERT_DIR") or None)


def roots() -> tuple[str | None, str | None]:
    """Return the file or the directory of trusted certificates, for what has a TLS of its own."""
    file, folder = named()
    if file or folder:
        return file, folder
    import certifi

    return certifi.where(), None
