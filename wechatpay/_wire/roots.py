"""Whose certificates TLS trusts, for what has a TLS of its own."""

from __future__ import annotations

import os


def roots() -> tuple[str | None, str | None]:
    """Return the file and the directory of trusted certificates: the environment's or certifi's."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return (file, None) if file else (None, folder)
    import certifi

    return certifi.where(), None
