"""A small shop: where WeChat Pay's notifications arrive."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING

from wechatpay.notification import SUCCESS, reply_to

if TYPE_CHECKING:
    from wechatpay import Notification, WeChatPay


class Shop:
    """Listens on loopback, and verifies and opens what it is told.

    Args:
        wxpay: Its client.

    Attributes:
        url: Its `notify_url`.
        told: What it was told, and found to be WeChat Pay's.
    """

    def __init__(self, wxpay: WeChatPay) -> None:
        self.told: list[Notification] = []
        told = self.told

        class Till(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    told.append(wxpay.notification(dict(self.headers), body))
                    reply = SUCCESS
                except Exception as error:  # noqa: BLE001
                    reply = reply_to(error)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Till)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/wechatpay/notify"

    def __enter__(self) -> Shop:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
