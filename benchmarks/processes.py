"""The server and the contenders as child processes, each kept on a core of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path

from keys import Keys

HERE = Path(__file__).parent
EXTRAS = tuple(name for name in ("pycurl", "aiohttp") if find_spec(name))
"""The transports beside httpx that are installed."""
CLIENTS = ("ours", "aiohttp") if "aiohttp" in EXTRAS else ("ours",)
"""The client, and the client with aiohttp where that is installed."""
UNWANTED = ("http_proxy", "https_proxy", "all_proxy", "ssl_cert_dir")
"""Variables that would lead elsewhere."""


def cores() -> tuple[set[int] | None, set[int] | None]:
    """Return a core for the contenders and another for the server, where there are two."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return ({usable[0]}, {usable[1]}) if len(usable) > 1 else (None, None)


class Child(AbstractContextManager["Child"]):
    """A process that answers each line with a line of JSON.

    Args:
        arguments: What Python runs.
        core: The core it is kept on.
        keys: Where its keys are.
        more: Variables of its environment.

    Attributes:
        first: The line it began with.
    """

    def __init__(self, arguments: list[str], core: set[int] | None, keys: Keys, **more) -> None:
        environment = {k: v for k, v in os.environ.items() if k.lower() not in UNWANTED}
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "SSL_CERT_FILE": str(keys.tls_certificate), **more},
        )
        if core is not None:
            os.sched_setaffinity(self._process.pid, core)
        self.first = self._read()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended with {self._process.wait()}")
        return json.loads(line)

    def ask(self, order: object):
        """Send a line and return the answer."""
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._read()

    def waited(self) -> float:
        """Return the seconds it was ready to run but its core was not; 0 if unknown."""
        file = Path(f"/proc/{self._process.pid}/schedstat")
        return int(file.read_text().split()[1]) / 1e9 if file.exists() else 0.0

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class Server(Child):
    """The loopback server."""

    def __init__(self, keys: Keys, latency: float = 0.0) -> None:
        self.keys = keys
        arguments = [str(HERE / "server.py"), str(keys.folder), "--latency", str(latency)]
        super().__init__(arguments, cores()[1], keys)

    def url(self, *, tls: bool = False) -> str:
        """Return its address."""
        scheme = "https" if tls else "http"
        return f"{scheme}://127.0.0.1:{self.first[tls]}"

    def connections(self) -> int:
        """Return how many connections there have been."""
        return self.ask(None)[0]

    def contender(
        self,
        name: str,
        *,
        asynchronous: bool = False,
        tls: bool = False,
        call: str = "query",
        most: int | None = None,
    ) -> Child:
        """Start a contender: `floor`, `ours`, ours on an extra, an extra alone, or `rsa`."""
        who = "ours" if name in EXTRAS else name
        arguments = [str(HERE / "worker.py"), str(self.keys.folder), self.url(tls=tls), who]
        arguments += ["--call", call]
        arguments += ["--async"] if asynchronous and name != "rsa" else []
        arguments += ["--most", str(most)] if most else []
        arguments += ["--transport", name] if name in EXTRAS else []
        return Child(arguments, cores()[0], self.keys)
