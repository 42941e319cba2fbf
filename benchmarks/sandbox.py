"""How many requests a second the sandbox answers in process, and whether many orders slow it down.

    python benchmarks/sandbox.py [--requests 1000] [--orders 100000]

Half of the requests place an order, half ask for one; all are signed beforehand, by plain
cryptography, and each is checked, answered and signed by one thread. What `CPU` says is what a core
that has nothing else to do would come to.
"""

from __future__ import annotations

import argparse
import json
import secrets
import tempfile
import time
from base64 import b64encode
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._families.payments import Orders

ORDER = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "Image形象店-深圳腾大-QQ公仔",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "amount": {"total": 100, "currency": "CNY"},
}
PATH = "/v3/pay/transactions"
PADDING, HASH = PKCS1v15(), SHA256()


def signed(sandbox: Sandbox, first: int, count: int) -> list[httpx.Request]:
    """Return requests: orders with numbers from `first` on, each placed and then asked for."""
    config = sandbox.config
    key = load_pem_private_key(config["private_key"].encode(), None)
    requests = []
    for number in range(first, first + count // 2):
        body = json.dumps({**ORDER, "out_trade_no": f"{number:010d}"}).encode()
        query = f"{PATH}/out-trade-no/{number:010d}?mchid={config['mchid']}"
        for method, target, content in (("POST", f"{PATH}/native", body), ("GET", query, b"")):
            timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
            message = f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + content + b"\n"
            signature = b64encode(key.sign(message, PADDING, HASH)).decode()
            authorization = (
                f'WECHATPAY2-SHA256-RSA2048 mchid="{config["mchid"]}",nonce_str="{nonce}",'
                f'signature="{signature}",timestamp="{timestamp}",serial_no="{config["serial"]}"'
            )
            headers = {"Authorization": authorization, "Accept": "*/*", "User-Agent": "benchmark"}
            url = config["base_url"] + target
            requests.append(httpx.Request(method, url, headers=headers, content=content))
    return requests


def rates(sandbox: Sandbox, first: int, count: int) -> tuple[float, float]:
    """Return how many requests are answered in a second: of the clock's, and of the CPU's."""
    requests = signed(sandbox, first, count)
    with httpx.Client(transport=sandbox.transport) as client:
        wall, cpu = time.perf_counter(), time.process_time()
        for request in requests:
            client.send(request).raise_for_status()
        return count / (time.perf_counter() - wall), count / (time.process_time() - cpu)


def compare(sandbox: Sandbox, requests: int, orders: int) -> str:
    """Measure an empty sandbox, fill it, and measure it again: the best of three rounds each."""
    rates(sandbox, 0, 100)  # to warm up
    empty = [rates(sandbox, (each + 1) * 10**6, requests) for each in range(3)]
    placed = Orders(sandbox.world)
    with sandbox.world.store.transaction():
        for number in range(orders):
            placed.place({**ORDER, "out_trade_no": f"9{number:09d}"}, "NATIVE")
    full = [rates(sandbox, (each + 5) * 10**6, requests) for each in range(3)]
    (wall, cpu), (wall_full, cpu_full) = (
        map(max, zip(*each, strict=True)) for each in (empty, full)
    )
    return (
        f"empty {wall:5.0f}/s (CPU {cpu:5.0f}/s), with {orders} orders {wall_full:5.0f}/s "
        f"(CPU {cpu_full:5.0f}/s), ratio {wall_full / wall:.2f} (CPU {cpu_full / cpu:.2f})"
    )


def main() -> None:
    """Print a line for each place where the sandbox can keep what it remembers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--orders", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for state in (None, Path(folder) / "state.db"):
            with Sandbox(state=state) as sandbox:
                seen = compare(sandbox, options.requests, options.orders)
                print(f"{'a file' if state else 'memory'}: {seen}", flush=True)


if __name__ == "__main__":
    main()
