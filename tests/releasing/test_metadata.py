"""What an index shows of the package, and the list of parts in the wheel."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from release.command import version_of
from release.metadata import ListOfParts, Shown, home, list_of_parts, pack, shown, urls

from .conftest import ROOT

AT = "https://github.com/owner/wechatpay-openapi"


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    """The wheel, opened."""
    return zipfile.ZipFile(next(built.glob("*.whl")))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    """What the wheel says of itself."""
    [name] = [one for one in wheel.namelist() if one.endswith(".dist-info/METADATA")]
    return message_from_bytes(wheel.read(name))


def test_every_link_of_the_description_is_absolute(metadata: Message) -> None:
    """An index shows the README on a page of its own, where a relative link leads nowhere."""
    description = metadata.get_payload(decode=True)
    assert isinstance(description, bytes)
    prose = re.sub(r"^```.*?^```$", "", description.decode(), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)]+)\)", prose)
    assert f"{AT}/blob/main/docs/sandbox.md" in targets
    assert f"{AT}/raw/main/docs/images/sandbox.webp" in targets
    assert [one for one in targets if not one.startswith(("https://", "#"))] == []


def test_the_addresses_are_shown(metadata: Message) -> None:
    """Source, documentation, changelog, issues and security are there, and who made it."""
    shown_urls = dict(one.split(", ") for one in metadata.get_all("Project-URL", []))
    assert shown_urls == urls(AT)
    assert shown_urls["Documentation"] == "https://owner.github.io/wechatpay-openapi/"
    assert metadata["Author"]


def test_all_asks_for_gmssl_only_where_there_is_a_wheel(metadata: Message) -> None:
    """The extra `all` installs everywhere, so what cannot be had everywhere keeps its marker."""
    required = [one.partition(";") for one in metadata.get_all("Requires-Dist", [])]
    markers = [marker for name, _, marker in required if name.startswith("gmssl-pyx")]
    of_all = [one for one in markers if "extra == 'all'" in one]
    assert len(of_all) == 1
    assert "python_version < '3.15'" in of_all[0]
    assert "platform_machine == 'x86_64'" in of_all[0]


def test_links_lead_to_the_files_or_are_text() -> None:
    """Where the repository is unknown, links that would lead nowhere become text."""
    readme = (
        "![a page](docs/a.webp)\n[Guide](docs/a.md#b), [`code`](b.py), [out](https://x.example), "
        "[here](#there)\n```md\n[kept](c.md)\n```\n`[kept](d.md)`\n"
    )
    kept = "[out](https://x.example), [here](#there)\n```md\n[kept](c.md)\n```\n`[kept](d.md)`\n"
    assert shown(readme, AT) == (
        f"![a page]({AT}/raw/main/docs/a.webp)\n[Guide]({AT}/blob/main/docs/a.md#b), "
        f"[`code`]({AT}/blob/main/b.py), {kept}"
    )
    assert shown(readme, None) == f"\nGuide, `code`, {kept}"
    assert urls(None) == {}


def test_where_the_repository_is() -> None:
    """The workflow's variables tell it; nothing else is guessed."""
    assert home({"GITHUB_REPOSITORY": "owner/wechatpay-openapi"}) == AT
    server = {"GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": "https://git.example"}
    assert home(server) == "https://git.example/a/b"
    assert home({}) is None


def test_the_wheel_has_a_list_of_parts(wheel: zipfile.ZipFile, metadata: Message) -> None:
    """It is CycloneDX's, where PEP 770 wants it, and names what the metadata requires."""
    [name] = [one for one in wheel.namelist() if "/sboms/" in one]
    assert re.fullmatch(r"[^/]+\.dist-info/sboms/[^/]+\.cdx\.json", name)
    listed: Any = json.loads(wheel.read(name))
    required = [one for one in metadata.get_all("Requires-Dist", []) if "extra ==" not in one]
    names = [re.split(r"[<>=]", one)[0] for one in required]
    assert sorted(one["name"] for one in listed["components"]) == sorted(names)
    assert listed["metadata"]["component"]["version"] == version_of(ROOT)
    assert listed == list_of_parts(version_of(ROOT), _requirements(listed))


def test_the_hooks_fill_in_what_the_project_leaves_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hatchling asks them before it builds, and the list's file is gone when it has built."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/wechatpay-openapi")
    project: dict[str, Any] = {}
    Shown(str(ROOT), {}).update(project)
    assert f"]({AT}/blob/main/SECURITY.md)" in project["readme"]["text"]
    assert project["urls"] == urls(AT)
    core = SimpleNamespace(dependencies=["httpx>=0.27,<1"])
    described: Any = SimpleNamespace(version="1.2.3", core=core)
    nothing: Any = None
    hook = ListOfParts(str(ROOT), {}, nothing, described, "", "wheel")
    data: dict[str, Any] = {"sbom_files": []}
    hook.initialize("standard", data)
    [path] = map(Path, data["sbom_files"])
    assert json.loads(path.read_text("utf-8")) == list_of_parts("1.2.3", ["httpx>=0.27,<1"])
    wheel = tmp_path / "one.whl"
    with zipfile.ZipFile(wheel, "w"):
        pass
    hook.finalize("standard", data, str(wheel))
    assert not path.exists()


@pytest.mark.parametrize("without", [{}, {"deflate": None}])
def test_a_wheel_is_packed_as_small_as_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: dict[str, Any]
) -> None:
    """What is packed once more is smaller, with the same files in the same order: by zlib, too."""
    for name, module in without.items():
        monkeypatch.setitem(sys.modules, name, module)
    file = tmp_path / "one.whl"
    content = {
        "b": "".join(f"{number % 7} and {number % 11}; " for number in range(5_000)),
        "a": "",
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, each in content.items():
            archive.writestr(name, each)
    before = file.stat().st_size
    pack(file)
    assert file.stat().st_size < before
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name).decode() for name in archive.namelist()} == content
    assert [*tmp_path.iterdir()] == [file]


def _requirements(listed: Any) -> list[str]:
    return [one["properties"][0]["value"] for one in listed["components"]]
