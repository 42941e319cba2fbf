"""Wheel and sdist: what is in them, and how they are tried."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from release import command, smoke
from release.command import main, version_of
from release.contents import problems
from release.environments import completeness, pythons, run, sbom, supported, try_extras, try_out

from .conftest import ROOT, copies

PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
VERSION = version_of(ROOT)
VERSIONS = supported(PROJECT)


def test_what_is_built_is_whole(built: Path) -> None:
    """A wheel and an sdist come out, with what they need and nothing else."""
    files = sorted(built.iterdir())
    assert [one.name for one in files] == [
        f"wechatpay_openapi-{VERSION}-py3-none-any.whl",
        f"wechatpay_openapi-{VERSION}.tar.gz",
    ]
    assert [line for file in files for line in problems(file)] == []


def test_what_is_built_reads_well(built: Path) -> None:
    """`twine check --strict` has nothing to say about the descriptions."""
    files = [str(one) for one in built.iterdir()]
    checked = [sys.executable, "-m", "twine", "check", "--strict", *files]
    subprocess.run(checked, check=True, capture_output=True)


def test_the_version_is_in_one_place() -> None:
    """Nothing but `_version.py` says which version this is."""
    assert re.search(r'^dynamic = .*"version"', PROJECT, re.MULTILINE)
    for path in (ROOT / "wechatpay").rglob("*.py"):
        if path.name != "_version.py":
            assert not re.search(rf'["\']{re.escape(VERSION)}["\']', path.read_text("utf-8")), path


def test_no_version_is_not_guessed(tmp_path: Path) -> None:
    """Where no version is written, none is made up."""
    (tmp_path / "wechatpay").mkdir()
    (tmp_path / "wechatpay" / "_version.py").touch()
    with pytest.raises(ValueError, match="names no version"):
        version_of(tmp_path)


def test_what_is_wrong_with_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stray file, a key, what is missing and what is far too large are told."""
    wheel = tmp_path / "one.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("tests/one.py", "wechatpay/_codegen/x.py", "wechatpay/apiclient_key.pem"):
            archive.writestr(name, "x")
    monkeypatch.setattr("release.contents._MOST", 10)
    said = "\n".join(problems(wheel))
    assert "tests/one.py is not the package's" in said
    assert "wechatpay/_codegen/x.py is not the package's" in said
    assert "apiclient_key.pem has no place" in said
    assert "wechatpay/py.typed is missing" in said
    assert "more than 10" in said


def test_what_is_wrong_with_an_sdist(tmp_path: Path) -> None:
    """What is missing from an sdist is told."""
    with tarfile.open(tmp_path / "one.tar.gz", "w:gz"):
        pass
    assert "one.tar.gz: CHANGELOG.md is missing" in problems(tmp_path / "one.tar.gz")


def test_the_pythons_that_are_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pyenv's latest of a version is taken, else the one on the path, else none."""
    for one in ("3.10.1", "3.10.2"):
        (tmp_path / "versions" / one / "bin").mkdir(parents=True)
        (tmp_path / "versions" / one / "bin" / "python").touch()
    monkeypatch.setattr("shutil.which", {"python3.11": "/usr/bin/python3.11"}.get)
    found = dict(pythons(("3.10", "3.11", "3.12"), tmp_path))
    kept = str(tmp_path / "versions" / "3.10.2" / "bin" / "python")
    assert found == {"3.10": kept, "3.11": "/usr/bin/python3.11"}


def test_the_supported_pythons_are_said_everywhere() -> None:
    """The tables of supported versions name what the classifiers do."""
    assert VERSIONS[0] == "3.10"
    for page in ("SECURITY.md", "docs/security.md", "docs/security.zh-CN.md"):
        rows = re.findall(r"^\|.* 0\.x \| (.*?) \|", (ROOT / page).read_text("utf-8"), re.MULTILINE)
        assert [re.split(r", |、", row) for row in rows] == [VERSIONS]


def test_a_command_that_fails_says_what_it_printed(tmp_path: Path) -> None:
    """The output of a command that fails is in the error; that of one that does not is returned."""
    assert run([sys.executable, "-c", "print(1)"], tmp_path) == "1\n"
    with pytest.raises(RuntimeError, match="no such luck"):
        run([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path)


class Recorder:
    """Runs nothing but what costs nothing: what is built is copied, the rest is written down."""

    def __init__(self, built: Path, score: str = "100") -> None:
        self.built = built
        self.score = score
        self.commands: list[str] = []

    def __call__(self, command: Sequence[str], directory: Path) -> str:
        """Write a command down, and return what it would print."""
        self.commands.append(" ".join(command))
        if "build" in command:
            copies(self.built, Path(command[command.index("--outdir") + 1]))
        return f"Type completeness score: {self.score}%" if "--verifytypes" in command else ""


def test_a_file_is_tried_in_an_environment_of_its_own(built: Path, tmp_path: Path) -> None:
    """An environment is made, the file installed and checked, and the program run apart."""
    recorder = Recorder(built)
    wheel = next(built.glob("*.whl"))
    inside = try_out("python3", wheel, VERSION, tmp_path, recorder)
    made, install, check, tried = recorder.commands
    assert made.startswith("python3 -m venv --clear")
    assert install.endswith(str(wheel))
    assert check.endswith("pip check")
    assert "-I -W error" in tried
    assert tried.endswith(VERSION)
    assert str(inside).startswith(str(tmp_path))


def test_the_command_line_is_tried_apart(built: Path, tmp_path: Path) -> None:
    """With its extras in another environment, commands are run as a user runs them."""
    recorder = Recorder(built)
    wheel = next(built.glob("*.whl"))
    try_extras("python3", wheel, tmp_path, recorder)
    _, install, *tried = recorder.commands
    assert install.endswith(f"{wheel}[cli,sandbox]")
    assert [one.partition("-m wechatpay ")[2] for one in tried] == [
        "request --help",
        "api search refund",
        "demo",
    ]


def test_types_have_to_be_complete(built: Path, tmp_path: Path) -> None:
    """Less than all is an error."""
    assert completeness(Path("python"), tmp_path, Recorder(built)) == 100
    for score in ("99.9", "none"):
        with pytest.raises(RuntimeError):
            completeness(Path("python"), tmp_path, Recorder(built, score))


def test_the_list_of_parts_is_real(tmp_path: Path) -> None:
    """An environment's packages are listed in CycloneDX's format."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    packages = next((tmp_path / "venv" / "lib").glob("python3*/site-packages"))
    (packages / "one-1.0.dist-info").mkdir()
    (packages / "one-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: one\nVersion: 1.0\n"
    )
    sbom(tmp_path / "venv" / "bin" / "python", tmp_path / "parts.json")
    listed = json.loads((tmp_path / "parts.json").read_text("utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    assert [(one["name"], one["version"]) for one in listed["components"]] == [("one", "1.0")]


def test_the_program_that_tries_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs in the clean environments works here, too, but notices where it is."""
    with pytest.raises(AssertionError):
        smoke.main("0.0.0")
    with pytest.raises(AssertionError, match=r"__init__\.py"):
        smoke.main(VERSION)
    monkeypatch.setattr("wechatpay.__file__", "/site-packages/wechatpay/__init__.py")
    smoke.main(VERSION)
    monkeypatch.setattr("sys.argv", ["smoke.py", VERSION])
    runpy.run_path(smoke.__file__, run_name="__main__")


def test_the_command(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both files and the command line are tried on each Python, and the list of parts is made."""
    recorder = Recorder(built)
    assert main(["--into", str(tmp_path / "dist")], recorder) == 0
    said = capsys.readouterr().out
    here = [version for version, _ in pythons(VERSIONS)]
    assert here
    for what in (".whl", ".tar.gz", "its command line"):
        assert said.count(f"{what} works on Python ") == len(here)
    assert any("cyclonedx_py" in one for one in recorder.commands)
    for check in ("twine check --strict", "check_wheel_contents --ignore", "pyroma --min 9"):
        assert any(check in one for one in recorder.commands)


def test_the_command_refuses_a_tag_that_does_not_fit(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is built for a tag that is not the version, or leaves endpoints out."""
    recorder = Recorder(built)
    assert main(["--into", str(tmp_path / "dist"), "--tag", "v0.0.0"], recorder) == 1
    assert "the tag is v0.0.0" in capsys.readouterr().err
    assert recorder.commands == []
    monkeypatch.setattr("release.surface.ENDPOINTS", tmp_path / "endpoints.txt")
    (tmp_path / "endpoints.txt").write_text("GET v3/gone\n")
    assert main(["--into", str(tmp_path / "dist"), "--tag", f"v{VERSION}"], recorder) == 1
    assert "withdrawn: GET v3/gone" in capsys.readouterr().err
    assert recorder.commands == []


def test_the_command_fails_where_something_is_wrong(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What should not be in a file, and a machine without any Python, end it."""
    into = ["--into", str(tmp_path / "dist")]

    def none(_versions: Sequence[str]) -> Iterator[tuple[str, str]]:
        return iter(())

    def stray(file: Path) -> list[str]:
        return [f"{file.name}: stray"]

    monkeypatch.setattr(command, "pythons", none)
    assert main(into, Recorder(built)) == 1
    assert "none of the supported versions" in capsys.readouterr().err
    monkeypatch.setattr(command, "problems", stray)
    assert main(into, Recorder(built)) == 1
    assert "stray" in capsys.readouterr().err


def test_the_command_is_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m release` is the command."""
    monkeypatch.setattr("sys.argv", ["release", "--help"])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("release", run_name="__main__")
    assert stopped.value.code == 0
