"""A browser without a window, moved by a pipe: Chromium's own protocol, and nothing in between."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from patience import LONG

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
"""Where it is; `None` if this machine has none."""

_END = b"\0"
_CONNECT = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]  # out of the way
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Gives the browser its ends of the pipes, as the numbers 3 and 4, and becomes it."""
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # a container's root has no other way
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class NoBrowser(Exception):
    """It is installed, but does not start here."""


class Browser:
    """One tab.

    Attributes:
        asked: The URLs that were asked for, by the page and by what is on it.
        complaints: What the browser wrote to its console.
    """

    def __init__(self, send: int, receive: int) -> None:
        self._send = send
        self._receive = receive
        self._waiting = b""
        self._number = 0
        self._session: str | None = None
        self.asked: list[str] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + _END)
        answer = self._until(lambda each: each.get("id") == self._number)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def look(self, *, width: int, height: int, dark: bool = False, language: str = "en") -> None:
        """Choose what the page is seen with."""
        phone = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    def open(self, url: str) -> None:
        """Go to a page, and wait for it."""
        self.call("Page.navigate", url=url)
        self._until(lambda each: each.get("method") == "Page.loadEventFired")

    def click(self, selector: str) -> None:
        """Click upon something as a finger does, and wait for the page it leads to."""
        where = self.value(
            f"(e => (e.scrollIntoView({{block: 'center'}}), e.getBoundingClientRect().toJSON()))"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        x, y = where["x"] + where["width"] / 2, where["y"] + where["height"] / 2
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self._until(lambda each: each.get("method") == "Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def picture(self) -> bytes:
        """Return the whole page as PNG."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(found["data"])

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            message = self._next()
            params = message.get("params", {})
            if message.get("method") == "Network.requestWillBeSent":
                self.asked.append(params["request"]["url"])
            if message.get("method") == "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])
            if wanted(message):
                return message

    def _next(self) -> dict[str, Any]:
        while _END not in self._waiting:
            received = os.read(self._receive, 1 << 16)
            if not received:
                raise NoBrowser
            self._waiting += received
        raw, _, self._waiting = self._waiting.partition(_END)
        message: dict[str, Any] = json.loads(raw)
        return message


@contextlib.contextmanager
def browser(folder: Path) -> Generator[Browser]:
    """Open a browser.

    Args:
        folder: Where it may keep what it likes.

    Raises:
        NoBrowser: It does not start; the message is what it says.
    """
    assert CHROMIUM
    commands, replies = os.pipe(), os.pipe()

    ends = commands[0], replies[1]
    arguments = [*map(str, ends), CHROMIUM, *_OPTIONS, f"--user-data-dir={folder / 'profile'}"]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _CONNECT, *arguments], pass_fds=ends, stdout=log, stderr=log
        )
    os.close(commands[0])
    os.close(replies[1])
    try:
        try:
            opened = Browser(commands[1], replies[0])
        except (NoBrowser, BrokenPipeError) as error:
            raise NoBrowser((folder / "chromium.log").read_text("utf-8")[-500:]) from error
        yield opened
    finally:
        os.close(commands[1])
        os.close(replies[0])
        process.terminate()
        process.wait(LONG)
