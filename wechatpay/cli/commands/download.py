"""`wechatpay download URL`: the file behind a `download_url`."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from .. import _output
from .._inputs import STANDARD_INPUT, document
from .._settings import Settings, configured
from ..words import text

if TYPE_CHECKING:
    from ... import WeChatPay
    from ..._v3 import Downloadable


@configured
def download(
    settings: Settings,
    url: Annotated[str, typer.Argument(metavar="URL", help="download.url")],
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="download.output")
    ] = None,
    sha1: Annotated[str | None, typer.Option("--sha1", metavar="HEX", help="download.sha1")] = None,
) -> None:
    """Fetch a file into its place."""
    wanted: Downloadable = url if url != STANDARD_INPUT else document(url)
    if output is None:
        output = _name(url)
        if Path(output).exists():
            raise FileExistsError(None, text("download.exists"), output)
    with settings.client() as client:
        if output != STANDARD_INPUT:
            fetch(client, wanted, Path(output), sha1)
            _output.say(text("file.written", path=output))
            return
        with tempfile.TemporaryDirectory(prefix="wechatpay-") as folder:
            whole = Path(folder) / "file"
            fetch(client, wanted, whole, sha1)
            with whole.open("rb") as file:
                sys.stdout.flush()
                shutil.copyfileobj(file, sys.stdout.buffer)


def _name(url: str) -> str:
    """Return the last name of a URL's path, if a file may be called so."""
    try:
        name = PurePosixPath(urlsplit(url).path).name
    except ValueError:
        name = ""
    if not re.fullmatch(r"\w[\w.-]{0,99}", name):
        raise typer.BadParameter(text("download.no_name"))
    return name


def fetch(client: WeChatPay, wanted: Downloadable, path: Path, sha1: str | None = None) -> None:
    """Fetch a file with a progress bar; it is there when it is whole and what it should be."""
    with _output.progress(path.name) as progress:
        client.download(wanted, path, sha1=sha1, progress=progress)
