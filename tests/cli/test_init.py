"""`wechatpay init`: what is asked, checked and written."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gateway import (
    APIV3_KEY,
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    certificate_pem,
    rsa_key,
)

from wechatpay import cli
from wechatpay.cli import _envfile, _output

from .conftest import SECRET, Result, Run

Answer = Callable[..., Result]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], run: Run) -> Answer:
    """Runs `init` on a terminal, with lines that are typed and secrets that are typed unseen."""

    def answer(lines: list[str], secrets: list[str], *arguments: object) -> Result:
        typed: Iterator[str] = iter(secrets)
        stdin = io.TextIOWrapper(io.BytesIO("".join(f"{line}\n" for line in lines).encode()))
        monkeypatch.setattr("sys.stdin", stdin)

        def is_terminal(stream: object = None) -> bool:
            return stream is stdin

        def unseen(_: str) -> str:
            return next(typed)

        monkeypatch.setattr(_output, "is_terminal", is_terminal)
        monkeypatch.setattr("getpass.getpass", unseen)
        code = cli.main(["init", *map(str, arguments)])
        shown = capsys.readouterr()
        result = Result(code, shown.out, shown.err)
        assert next(typed, None) is None
        return result

    return answer


def test_everything_is_asked_and_checked(env: Path, answer: Answer) -> None:
    """What cannot be right is asked again; secrets are not shown; nobody else reads the file."""
    env.unlink()
    lines = ["x" * 40, MCHID, "nowhere.pem", "apiclient_key.pem", "", "zz", MERCHANT_SERIAL]
    lines += ["pub_key.pem", "PUB_KEY", PUBLIC_KEY_ID]
    result = answer(lines, ["short", APIV3_KEY, "short", SECRET])
    assert result.code == 0, result.err
    for message in (
        "mchid must be",
        "nowhere.pem is neither PEM text nor a readable file",
        "serial is not a serial number",
        "neither PUB_KEY_ID_",
        "apiv3_key must be 32 bytes, not 5",
        "the APIv2 key has 32 characters, not 5",
        "Written, for your eyes only: wechatpay.env",
        "Next: wechatpay doctor --env-file wechatpay.env",
    ):
        assert message in result.err
    assert APIV3_KEY not in result.err + result.out
    file = Path("wechatpay.env")
    assert file.stat().st_mode & 0o777 == 0o600
    assert _envfile.read(file) == {
        "MCHID": MCHID,
        "PRIVATE_KEY": str(Path("apiclient_key.pem").absolute()),
        "SERIAL": MERCHANT_SERIAL,
        "PUBLIC_KEY": str(Path("pub_key.pem").absolute()),
        "PUBLIC_KEY_ID": PUBLIC_KEY_ID,
        "APIV3_KEY": APIV3_KEY,
        "SECRET": SECRET,
    }


def test_what_lies_there_is_suggested(env: Path, answer: Answer) -> None:
    """Files under their official names; the serial number is read from the certificate."""
    env.unlink()
    Path("pub_key.pem").unlink()
    Path("apiclient_cert.pem").write_text(certificate_pem(rsa_key("merchant"), 0xABCDEF))
    result = answer([MCHID, "", "", ""], ["", APIV3_KEY, ""], "x.env")
    assert result.code == 0, result.err
    assert "Its serial number is 0000000000000000000000000000000000ABCDEF." in result.err
    assert "this is needed" in result.err
    found = _envfile.read(Path("x.env"))
    assert found["SERIAL"].endswith("ABCDEF")
    assert found["MERCHANT_CERT"].endswith("apiclient_cert.pem")
    assert "PUBLIC_KEY" not in found
    assert "SECRET" not in found


def test_what_is_set_may_be_kept(env: Path, answer: Answer) -> None:
    """Also a secret, which is not shown; a brand has no merchant number."""
    more = ("-e", env, "--brand-id", "7", "--merchant-cert", "")
    result = answer(["", "", "", "", ""], ["", "", ""][:2], "y.env", *more)
    assert result.code == 3  # a brand has no APIv2 key
    result = answer(["", "", "", "", "", ""], ["", ""], env, "-e", env, "--force")
    assert result.code == 0, result.err
    assert _envfile.read(env)["SECRET"] == SECRET


def test_without_a_terminal_nothing_is_asked(env: Path, run: Run) -> None:
    """What options and variables say is all there is, and it has to be enough."""
    written = env.with_name("new.env")
    before = _envfile.read(env)
    assert run("init", written, "-e", env, stdin=b"ignored\n").code == 0
    assert _envfile.read(written) == before
    again = run("init", written, "-e", env)
    assert (again.code, "is there already; --force replaces it" in again.err) == (7, True)
    result = run("init", "other.env")
    assert (result.code, Path("other.env").exists()) == (3, False)


def test_a_key_in_a_variable_stays_as_it_is(env: Path, run: Run) -> None:
    """PEM text is not a path, and the file can be read again all the same."""
    variables = _envfile.read(env)
    pem = Path(variables["PRIVATE_KEY"]).read_text()
    _envfile.write(env, {**variables, "PRIVATE_KEY": pem})
    assert run("init", "pem.env", "-e", env, "--no-input").code == 0
    assert _envfile.read(Path("pem.env"))["PRIVATE_KEY"] == pem


def test_end_of_input_writes_nothing(env: Path, answer: Answer) -> None:
    """Whoever closes the terminal in the middle has changed nothing."""
    result = answer([], [], "z.env")
    assert (result.code, Path("z.env").exists()) == (130, False)
