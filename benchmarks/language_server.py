"""A client of the language-server protocol, as small as measuring an editor allows.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "signatureHelp": {
            "contextSupport": True,
            "signatureInformation": {
                "documentationFormat": ["markdown"],
                "parameterInformation": {"labelOffsetSupport": True},
                "activeParameterSupport": True,
            },
        },
        "completion": {
            "completionItem": {
                "documentationFormat": ["markdown"],
                "resolveSupport": {"properties": ["documentation"]},
            }
        },
    },
}


class Unanswered(Exception):
    """The server was silent for too long."""


class LanguageServer:
    """One server, with one Python file open in it.

    Attributes:
        seconds: What the last request took.
        cpu: The processor time that it took, `None` where `/proc` does not tell.
    """

    def __init__(self, command: Sequence[str], folder: Path, patience: float) -> None:
        """Start a server.

        Args:
            command: What to run; it speaks the protocol over its standard streams.
            folder: The editor's folder.
            patience: Seconds to wait for an answer.
        """
        self.seconds = 0.0
        self.cpu: float | None = None
        self._patience = patience
        self._uri = (folder / "program.py").as_uri()
        self._number = self._version = 0
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._complaints: queue.Queue[list[dict[str, Any]]] = queue.Queue()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
                "capabilities": _CAPABILITIES,
            },
        )
        self._tell("initialized", {})

    def type(self, text: str) -> None:
        """Have `text` in the editor, in place of what was there."""
        self._version += 1
        while not self._complaints.empty():
            self._complaints.get()
        document = {"uri": self._uri, "version": self._version}
        if self._version == 1:
            document |= {"languageId": "python", "text": text}
            self._tell("textDocument/didOpen", {"textDocument": document})
        else:
            changes = {"textDocument": document, "contentChanges": [{"text": text}]}
            self._tell("textDocument/didChange", changes)

    def at(self, what: str, line: int, character: int) -> Any:
        """Return what the server says of a place, such as `"hover"` there."""
        place = {
            "textDocument": {"uri": self._uri},
            "position": {"line": line, "character": character},
        }
        return self.ask(f"textDocument/{what}", place)

    def complaints(self) -> tuple[float, str]:
        """Wait for what the server underlines, and return what it took, and what it says.

        The server may first tell that nothing is wrong, of what it has not looked at yet: so an
        empty text means that nothing came for long.
        """
        begun, used = time.perf_counter(), self._used()
        wrong: list[str] = []
        with contextlib.suppress(queue.Empty):
            while not wrong:
                left = begun + self._patience - time.perf_counter()
                found = self._complaints.get(timeout=max(left, 0.001))
                wrong = [one["message"] for one in found if one.get("severity", 1) == 1]
        now = self._used()
        took = time.perf_counter() - begun if used is None or now is None else now - used
        return took, " ".join(wrong)

    def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Send a request, and return the result.

        Raises:
            Unanswered: None came.
        """
        self._number += 1
        begun, used = time.perf_counter(), self._used()
        request = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self._send(request)
        while True:
            left = begun + self._patience - time.perf_counter()
            try:
                answer = self._answers.get(timeout=max(left, 0.001))
            except queue.Empty:
                raise Unanswered(method) from None
            if answer["id"] == self._number:
                break
        self.seconds = time.perf_counter() - begun
        now = self._used()
        self.cpu = None if used is None or now is None else now - used
        return answer.get("result")

    def close(self) -> None:
        """End the server."""
        for pid in [*self._family()][1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self._process.kill()
        self._process.wait()

    def _tell(self, method: str, params: Mapping[str, Any]) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream
        while True:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            message = json.loads(stream.read(length))
            if "method" not in message:
                self._answers.put(message)
            elif message["method"] == "textDocument/publishDiagnostics":
                self._complaints.put(message["params"]["diagnostics"])
            elif "id" in message:
                result = self._settings(message) if "items" in message["params"] else None
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    @staticmethod
    def _settings(message: Mapping[str, Any]) -> list[dict[str, str]]:
        """Answer what the server asks of the editor: which Python it is for."""
        wanted = [item.get("section") for item in message["params"]["items"]]
        return [{"pythonPath": sys.executable} if one == "python" else {} for one in wanted]

    def _used(self) -> float | None:
        """Return the processor time so far, in seconds: the server may be a child of a starter."""
        try:
            ticks = 0
            for pid in self._family():
                # Behind the name, which may hold anything: the 12th and 13th are utime and stime.
                words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(words[11]) + int(words[12])
            return ticks / os.sysconf("SC_CLK_TCK")
        except (OSError, AttributeError):
            return None

    def _family(self) -> list[int]:
        pids = [self._process.pid]
        for pid in pids:
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
                pids += map(int, children.split())
        return pids
