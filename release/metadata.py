"""Hooks of Hatchling: what an index shows, the list of parts in the wheel, and how it is packed.

Where the repository is, `GITHUB_REPOSITORY` says: GitHub's workflows set it, and so may anybody who
builds. The README's links to files then lead there; where it is not known they are text, for a
relative link leads nowhere on an index's page.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

__all__ = ["ListOfParts", "Shown", "home", "list_of_parts", "pack", "shown", "urls"]

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?://|#)([^)\s]+)\)")
_CODE = re.compile(r"(^```.*?^```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


def home(environ: Mapping[str, str]) -> str | None:
    """Return where the repository is, such as ``https://github.com/owner/name``, if it is known."""
    repository = environ.get("GITHUB_REPOSITORY")
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    return f"{server}/{repository}" if repository else None


def urls(at: str | None) -> dict[str, str]:
    """Return the addresses that an index shows beside the description.

    Args:
        at: Where the repository is.
    """
    if at is None:
        return {}
    owner, name = at.split("/")[-2:]
    return {
        "Documentation": f"https://{owner.lower()}.github.io/{name}/",
        "Source": at,
        "Changelog": f"{at}/blob/main/CHANGELOG.md",
        "Issues": f"{at}/issues",
        "Security": f"{at}/blob/main/SECURITY.md",
    }


def shown(readme: str, at: str | None) -> str:
    """Return a README whose links lead somewhere from any page.

    Args:
        readme: Its Markdown.
        at: Where the repository is; without it a link to a file is its text, and an image is
            left out.
    """

    def link(found: re.Match[str]) -> str:
        is_image, text, target = found.groups()
        if at is None:
            return "" if is_image else text
        return f"{is_image}[{text}]({at}/{'raw' if is_image else 'blob'}/main/{target})"

    # Every other piece is code.
    pieces = _CODE.split(readme)
    prose, code = pieces[::2], pieces[1::2]
    # A link may have code in its text, so the prose is put together with stand-ins for it.
    joined = "".join(
        f"{one}\0{number}\0" if number < len(code) else one for number, one in enumerate(prose)
    )
    return re.sub(r"\0(\d+)\0", lambda one: code[int(one[1])], _LINK.sub(link, joined))


def list_of_parts(version: str, dependencies: list[str]) -> dict[str, Any]:
    """Return what the wheel is and what it needs, in CycloneDX's form.

    Args:
        version: The package's.
        dependencies: As `pyproject.toml` has them, such as ``httpx>=0.27,<1``.
    """
    package = {
        "type": "library",
        "bom-ref": "wechatpay-openapi",
        "name": "wechatpay-openapi",
        "version": version,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "purl": f"pkg:pypi/wechatpay-openapi@{version}",
    }
    needed = [re.split(r"[<>=!~; \[]", one)[0] for one in dependencies]
    parts = [
        {
            "type": "library",
            "bom-ref": name,
            "name": name,
            "scope": "required",
            "purl": f"pkg:pypi/{name}",
            "properties": [{"name": "python:requirement", "value": requirement}],
        }
        for name, requirement in zip(needed, dependencies, strict=True)
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": package},
        "components": parts,
        "dependencies": [{"ref": "wechatpay-openapi", "dependsOn": needed}],
    }


def pack(wheel: Path) -> None:
    """Pack a wheel as small as can be: Hatchling packs fast, which is 45 KB more.

    Args:
        wheel: Its file; the files in it, their order and dates stay.
    """
    smaller = wheel.with_suffix(".smaller")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(smaller, "w") as new:
        for one in old.infolist():
            content = old.read(one)  # first, for the other file gives `one` its place there
            one.compress_type = zipfile.ZIP_DEFLATED
            with new.open(one, "w") as file:
                packing: Any = file
                packing._compressor = _compressor()
                file.write(content)
    smaller.replace(wheel)


def _compressor() -> Any:
    """Return what packs one file: libdeflate, where `deflate` is installed, or else zlib."""
    try:
        return _Libdeflate(import_module("deflate"))
    except ImportError:  # in an isolated build: a wheel of its own is not worth a requirement
        return zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)


class _Libdeflate:
    """The same format, searched for longer; the interface is that of `zlib.compressobj`."""

    def __init__(self, deflate: Any) -> None:
        self._deflate = deflate
        self._data = b""

    def compress(self, data: bytes) -> bytes:
        self._data += data
        return b""

    def flush(self) -> bytes:
        return bytes(self._deflate.deflate_compress(self._data, 12))


class Shown(MetadataHookInterface):
    """Sets the description and the addresses."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in what depends on where the repository is."""
        at = home(os.environ)
        text = (Path(self.root) / "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": shown(text, at)}
        metadata["urls"] = urls(at)


class ListOfParts(BuildHookInterface[Any]):
    """Puts the list of parts into the wheel, below ``.dist-info/sboms``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Write the list, and name it to the builder."""
        metadata: Any = cast("Any", self).metadata
        document = list_of_parts(metadata.version, [*metadata.core.dependencies])
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / f"wechatpay_openapi-{metadata.version}.cdx.json"
        path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        build_data["sbom_files"].append(str(path))

    def finalize(
        self,
        version: str,  # noqa: ARG002
        build_data: dict[str, Any],  # noqa: ARG002
        artifact_path: str,
    ) -> None:
        """Take the list away, for it is in the wheel, and pack that once more."""
        self._folder.cleanup()
        pack(Path(artifact_path))
