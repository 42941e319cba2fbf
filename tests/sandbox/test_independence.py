"""The sandbox shares nothing with the client, or the two could share a mistake."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

import wechatpay.sandbox
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._base import covers, sign

from .merchant import TERMINATE, TERMINATION, Merchant

_FILES = sorted(Path(wechatpay.sandbox.__file__).parent.rglob("*.py"))
_ALLOWED = {
    # The catalogue is facts about WeChat Pay, which both sides may know.
    "documented.py": {"wechatpay.api", "wechatpay.api.Endpoint", "wechatpay.api.Field"},
    "_endpoints.py": {"wechatpay.api"},
    "_notifications.py": {"wechatpay.api"},
    "triggered.py": {"wechatpay.api"},
    # Which language a terminal speaks has nothing to do with either side.
    "speech.py": {"wechatpay._language.user_language"},
    "_sandbox.py": {"wechatpay.WeChatPay"},
}


def _imports(tree: ast.AST, depth: int) -> list[str]:
    """List what a module imports from this package, relative names made absolute."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = "sandbox" if node.level <= depth else ""
            prefix = f"wechatpay.{parents}." if node.level else ""
            found += [f"{prefix}{node.module or ''}.{alias.name}" for alias in node.names]
    return [re.sub(r"\.+", ".", name) for name in found if name.startswith("wechatpay")]


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_no_module_imports_the_client(file: Path) -> None:
    """No module imports the client's code; `Sandbox.client` and the demo use its public names."""
    parts = file.relative_to(_FILES[0].parent).parts
    foreign = {
        name
        for name in _imports(ast.parse(file.read_text("utf-8")), len(parts))
        if not name.startswith("wechatpay.sandbox")
    }
    if parts[0] == "demo":  # that is a merchant
        assert not any("._" in name for name in foreign)
    else:
        assert foreign <= _ALLOWED.get(file.name, set())


def test_no_server_is_imported() -> None:
    """Importing the sandbox, or using it in process, loads neither starlette nor uvicorn."""
    code = (
        "import sys; from wechatpay.sandbox import Sandbox; Sandbox().config; "
        "sys.exit(any(name in sys.modules for name in ('starlette', 'uvicorn')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_catalogue_is_loaded_late() -> None:
    """Making a sandbox loads no catalogue: the first request does."""
    code = (
        "import sys; from wechatpay.sandbox import Sandbox; gateway = Sandbox().gateway; "
        "early = 'wechatpay.api' in sys.modules; gateway.handle('GET', b'/v3/certificates', []); "
        "sys.exit(early or 'wechatpay.api' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_signature_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request costs one verification and one signature, the RSA work that it has to cost."""
    calls: list[str] = []

    def counted_sign(key: RSAPrivateKey, message: bytes) -> str:
        calls.append("sign")
        return sign(key, message)

    def counted_covers(key: RSAPublicKey, message: bytes, signature: str) -> bool:
        calls.append("verify")
        return covers(key, message, signature)

    monkeypatch.setattr("wechatpay.sandbox._front.seal.sign", counted_sign)
    monkeypatch.setattr("wechatpay.sandbox._front.judge.covers", counted_covers)
    sandbox = Sandbox()
    path = TERMINATE.format("1234323JKHDFE1243252")
    assert Merchant(sandbox.config).call(sandbox.gateway, "POST", path, TERMINATION).status == 204
    assert calls == ["verify", "sign"]


def test_public_names() -> None:
    """Everything in `__all__` is there."""
    for name in wechatpay.sandbox.__all__:
        assert hasattr(wechatpay.sandbox, name)
