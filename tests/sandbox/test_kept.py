"""What the command keeps from one run to the next, and what it says while it serves."""

from __future__ import annotations

import errno
import io
import os
import shlex
import signal
import socket
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from wechatpay import WeChatPay
from wechatpay.sandbox import Sandbox, serving
from wechatpay.sandbox._base import PrivateFolder, user_folder
from wechatpay.sandbox._terminal import Lines, words

from .merchant import ORDER, merchant_of

Serve = Callable[..., dict[str, str]]
_OWN = ("SERIAL", "PUBLIC_KEY_ID", "APIV3_KEY", "SECRET")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder of its own for each test, and a terminal that speaks English."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path / "state" / "wechatpay" / "sandbox"


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Serve]:
    """Runs the command until what is to be done meanwhile is done; returns its settings."""
    before = signal.getsignal(signal.SIGTERM)

    def serve(
        meanwhile: Callable[[Sandbox], object] | None = None, **options: Any
    ) -> dict[str, str]:
        made: list[Sandbox] = []

        class Watched(Sandbox):
            def start(self) -> None:
                super().start()
                made.append(self)

        def stop() -> None:
            if meanwhile:
                meanwhile(made[-1])
            raise KeyboardInterrupt

        monkeypatch.setattr(serving, "Sandbox", Watched)
        monkeypatch.setattr(serving, "wait", stop)
        capsys.readouterr()
        serving.serve(**options)
        shown = capsys.readouterr()
        exports = dict(shlex.split(line)[1].split("=", 1) for line in shown.out.splitlines())
        named = {name.removeprefix("WECHATPAY_"): value for name, value in exports.items()}
        return {**named, "said": shown.err}

    yield serve
    signal.signal(signal.SIGTERM, before)


def _kept(run: dict[str, str]) -> dict[str, str]:
    own = {name: run[name] for name in _OWN}
    return {**own, "key": Path(run["PRIVATE_KEY"]).read_text()}


def test_a_restart_changes_nothing(serve: Serve, folder: Path) -> None:
    """Keys, serial numbers and port are those of the last time, and so is the file of settings."""
    first = serve()
    kept = (folder / "sandbox.env").read_text()
    key = _kept(first)
    again = serve()
    assert _kept(again) == key
    assert again["BASE_URL"] == first["BASE_URL"]
    assert (folder / "sandbox.env").read_text() == kept


def test_what_is_kept_is_for_its_owner_only(serve: Serve, folder: Path) -> None:
    """Nobody else can read the folder, nor any file in it."""
    serve(tls=True)
    assert folder.stat().st_mode & 0o777 == 0o700
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 7
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_new_keys_on_demand(serve: Serve) -> None:
    """They replace the old ones, and are kept in turn; the port stays."""
    first = serve()
    key = _kept(first)
    second = serve(new_keys=True)
    fresh = _kept(second)
    assert not {fresh[name] for name in _OWN} & {key[name] for name in _OWN}
    assert second["BASE_URL"] == first["BASE_URL"]
    assert _kept(serve()) == fresh


def test_a_running_shop_goes_on(serve: Serve) -> None:
    """A client that was made before the restart is believed, and believes, after it."""
    clients: list[WeChatPay] = []

    def make(sandbox: Sandbox) -> None:
        clients.append(WeChatPay(**sandbox.config))

    def use(_: Sandbox) -> None:
        [client] = clients
        assert client.v3.pay.transactions.native.post(json=ORDER).status_code == 200
        client.close()

    serve(make)
    serve(use)


def test_a_rotated_certificate_is_kept(serve: Serve) -> None:
    """A certificate that came meanwhile signs after a restart as well."""
    serials: list[str] = []

    def rotate(sandbox: Sandbox) -> None:
        serials.append(sandbox.rotate())

    def look(sandbox: Sandbox) -> None:
        serials.append(sandbox.world.keys.signer)

    serve(rotate, mode="certificate")
    serve(look, mode="certificate")
    assert serials[0] == serials[1]


def test_tls_is_trusted_after_a_restart(serve: Serve) -> None:
    """The authority is the same one, in the same file, and certifies the name that others use."""
    options: dict[str, Any] = {"tls": True, "public_url": "https://localhost:1"}
    first = serve(**options)
    authority = Path(first["SSL_CERT_FILE"]).read_text()
    again = serve(**options)
    assert Path(again["SSL_CERT_FILE"]).read_text() == authority
    assert again["BASE_URL"] == "https://localhost:1"


def test_a_state_file_has_a_folder_of_its_own(serve: Serve, folder: Path, tmp_path: Path) -> None:
    """Keys and port lie beside it, and other sandboxes have theirs."""
    state = tmp_path / "shop.sandbox"
    first = serve(state=state)
    assert Path(first["PRIVATE_KEY"]).parent == tmp_path / "shop.sandbox.keys"
    key = _kept(first)
    assert _kept(serve(state=state)) == key
    fresh = _kept(serve(state=state, new_keys=True))
    assert fresh != key
    with Sandbox(state=state) as sandbox:
        assert sandbox.world.keys.merchant_serial == fresh["SERIAL"]
    assert not folder.exists()


def test_a_port_that_is_taken(serve: Serve) -> None:
    """Another is used for once, and that is said; one that was asked for has to be free."""
    first = serve()
    port = int(first["BASE_URL"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        other = serve()
        with pytest.raises(OSError, match="in use") as caught:
            serve(port=port)
    assert caught.value.errno == errno.EADDRINUSE
    assert other["BASE_URL"] != first["BASE_URL"]
    assert other["said"].startswith(words.OTHER_PORT.filled(port=port).en)
    assert serve()["BASE_URL"] == first["BASE_URL"]


def test_an_address_that_cannot_be(serve: Serve) -> None:
    """Whatever else is wrong with the address is an error, with the kept port as well."""
    serve()
    with pytest.raises(OSError, match="assign"):
        serve(host="192.0.2.1")  # RFC 5737: nobody has it


def test_a_port_that_was_asked_for_is_remembered(serve: Serve) -> None:
    """The next run has it too; 0 takes a free one for once."""
    first = serve()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    chosen = serve(port=port)
    assert serve()["BASE_URL"] == chosen["BASE_URL"] != first["BASE_URL"]
    serve(port=0)
    assert serve()["BASE_URL"] == chosen["BASE_URL"]


def test_where_nothing_can_be_kept(serve: Serve, tmp_path: Path, folder: Path) -> None:
    """It serves all the same, says so, and leaves nothing behind."""
    (tmp_path / "state").write_text("no folder")
    run = serve()
    assert str(folder) in run["said"].splitlines()[0]
    assert not Path(run["PRIVATE_KEY"]).exists()


def test_nothing_can_be_written_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of somebody else's is not a home, and half a file is never left behind."""
    home = PrivateFolder(tmp_path)

    def refuse(*_: object) -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(os, "access", refuse)
        with pytest.raises(PermissionError):
            PrivateFolder(tmp_path)

    def fail(*_: object) -> None:
        raise OSError("no way")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no way"):
        home.keep("keys", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"mchid": "1"}', '{"certificates": 1}'])
def test_keys_that_cannot_be_read(content: str, serve: Serve, folder: Path) -> None:
    """New ones take their place."""
    folder.mkdir(parents=True)
    (folder / "keys.json").write_text(content)
    (folder / "served.json").write_text('{"port": "x"}')
    assert _kept(serve()) == _kept(serve())


@pytest.mark.parametrize(
    ("environ", "platform", "wanted"),
    [
        ({}, "linux", "home/.local/state"),
        ({"XDG_STATE_HOME": "/x"}, "darwin", "/x"),
        ({}, "darwin", "home/Library/Application Support"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local"),
        ({}, "win32", "home/AppData/Local"),
    ],
)
def test_where_the_command_keeps_its_keys(
    environ: dict[str, str], platform: str, wanted: str
) -> None:
    """In the user's folder for what programs remember, as the platform has it."""
    found = user_folder(environ, platform, Path("home"))
    assert found == Path(wanted) / "wechatpay" / "sandbox"


def test_the_file_of_settings_is_closed_to_others(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `> sandbox.env` made is the owner's only; a file that holds something is left alone."""
    for content, mode in (("", 0o600), ("# mine\n", 0o644)):
        path = tmp_path / "sandbox.env"
        path.write_text(content)
        path.chmod(0o644)
        with path.open("a") as stream, monkeypatch.context() as patch:
            patch.setattr("sys.stdout", stream)
            serve()
        assert path.stat().st_mode & 0o777 == mode
        assert "export WECHATPAY_MCHID" in path.read_text()


@pytest.mark.parametrize("opened", [True, False])
def test_the_page_is_opened(opened: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a browser, if there is one that has a window; or it is said where it is."""
    asked: list[str] = []

    def open_page(url: str) -> bool:
        asked.append(url)
        return opened

    monkeypatch.setattr(webbrowser, "open", open_page)
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    said = serve(open_page=True)
    assert asked == []
    assert words.NO_BROWSER.filled(url=f"{said['BASE_URL']}/").en in said["said"]
    monkeypatch.setenv("DISPLAY", ":0")
    said = serve(open_page=True)
    assert asked == [f"{said['BASE_URL']}/"]
    assert (words.NO_BROWSER.filled(url=f"{said['BASE_URL']}/").en in said["said"]) is not opened


def test_the_terminal_speaks_chinese(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment does."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = serve()["said"]
    assert said.endswith(words.CLOSED.zh + "\n")
    assert words.CLOSED.en not in said


def test_a_line_for_all_that_happens(serve: Serve) -> None:
    """Requests, refusals with their reason, notifications: each with the link to its page."""

    def happen(sandbox: Sandbox) -> None:
        with sandbox.client() as wxpay:
            wxpay.v3.pay.transactions.native.post(json=ORDER)
            sandbox.fault("get", "v3/**", "reset-before", times=1)
            browser = [(b"User-Agent", b"x"), (b"Accept", b"*/*")]
            for path in (b"/v3/certificates", b"/v3/certificates", b"/v3/\x1b[31mx" + b"y" * 200):
                sandbox.gateway.handle("GET", path, browser)
            sandbox.pay(ORDER["out_trade_no"])
            sandbox.probe("http://127.0.0.1:9/")
            again: Any = {
                **ORDER,
                "out_trade_no": "again-0001",
                "notify_url": "http://127.0.0.1:9/again",
            }
            wxpay.v3.pay.transactions.native.post(json=again)
            sandbox.pay("again-0001")
            links.extend(each.id for each in sandbox.settle())

    links: list[str] = []
    run = serve(happen)
    lines = run["said"].partition("Ctrl-C.\n")[2].splitlines()
    page = f"{run['BASE_URL']}/page"
    assert [line.rpartition("  ")[2] for line in lines[:-1]] == [
        *(f"{page}/requests/{number}" for number in (1, 2, 3, 4)),
        *(f"{page}/notifications/{each}" for each in links[:2]),
        f"{page}/requests/5",
        f"{page}/notifications/{links[2]}",
    ]
    assert "POST /v3/pay/transactions/native  200  http" in lines[0]
    assert words.LOST.en in lines[1]
    assert "reset-before" in lines[1]
    assert "401 SIGN_ERROR" in lines[2]
    assert "\x1b" not in lines[3]
    assert "y…  404" in lines[3]
    assert words.WORDS["not sent"].en in lines[4]
    assert words.WORDS["unreachable"].en in lines[5]
    assert words.WORDS["probe"].en in lines[5]
    assert words.WORDS["again"].filled(seconds=15).en in lines[7]


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def test_colors_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one there are some, unless `NO_COLOR` forbids it or it is a dumb one."""
    with Sandbox() as sandbox:
        for name, value, colored in (
            ("TERM", "xterm", True),
            ("NO_COLOR", "1", False),
            ("TERM", "dumb", False),
        ):
            monkeypatch.delenv("NO_COLOR", raising=False)
            monkeypatch.setenv(name, value)
            screen = Screen()
            lines = Lines(screen, "http://127.0.0.1:1")
            sandbox.gateway.handle("GET", b"/v3/certificates", [])
            lines.exchange(sandbox.exchanges[-1])
            assert ("\x1b[31m" in screen.getvalue()) is colored
            screen.close()
            lines.exchange(sandbox.exchanges[-1])  # nobody reads it any more


def test_why_a_request_was_refused_is_told() -> None:
    """Which mistake a wrong signature was, where that is known; of APIv2 there is the code only."""
    screen = io.StringIO()
    with Sandbox() as sandbox:
        lines = Lines(screen, "http://127.0.0.1:1")
        sandbox.watch()
        sandbox.watch(lines.exchange)
        merchant = merchant_of(sandbox)
        body = b'{"a": 1}'
        wrong = merchant.authorize("POST", "/v3/pay/transactions/native", b'{"a":1}')
        browser = [(b"User-Agent", b"x"), (b"Accept", b"*/*")]
        headers = [*browser, (b"Authorization", wrong.encode())]
        sandbox.gateway.handle("POST", b"/v3/pay/transactions/native", headers, body)
        diagnosis = sandbox.exchanges[-1].diagnosis
        assert diagnosis is not None
        assert diagnosis.text.en in screen.getvalue()
        sandbox.gateway.handle("POST", b"/pay/orderquery", browser, b"<xml><a>1</a></xml>")
        assert sandbox.exchanges[-1].code
        assert screen.getvalue().splitlines()[-1].endswith("/page/requests/2")


@pytest.mark.parametrize(("host", "reached"), [("::1", "[::1]"), ("::", "[::1]")])
def test_it_is_served_by_ipv6(host: str, reached: str) -> None:
    """At its address, or at every one; a client is led to this machine's own."""
    with Sandbox(port=0, host=host) as sandbox, sandbox.client() as wxpay:
        assert sandbox.url == f"http://{reached}:{sandbox.port}"
        assert wxpay.v3.pay.transactions.native.post(json=ORDER).status_code == 200
        with httpx.Client(trust_env=False) as browser:
            assert browser.get(sandbox.url).status_code == 200


def test_it_is_served_at_every_address() -> None:
    """What is printed leads to this machine, for nobody can connect to 0.0.0.0 everywhere."""
    with Sandbox(port=0, host="0.0.0.0") as sandbox:
        assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
