"""The page in a browser: what a person sees and clicks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from wechatpay.sandbox import Sandbox

from . import shop as shops
from . import story
from .browser import CHROMIUM, Browser, NoBrowser, browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

_WIDTHS = {"phone": 390, "desktop": 1280}
_CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const linear = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const [x, y, z] = [r, g, b].map(linear);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c[3] === 255) return c;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || e.closest('.skip, .hidden, svg')) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
})()"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser."""
    with contextlib.ExitStack() as stack:
        try:
            opened = stack.enter_context(browser(tmp_path_factory.mktemp("browser")))
        except NoBrowser as error:
            pytest.skip(f"{CHROMIUM} does not start here: {error}")
        yield opened


@pytest.fixture(scope="module")
def told() -> Iterator[story.Shop]:
    """A sandbox with a port, in which a lot has happened."""
    with shops.shop() as shop, Sandbox(port=0) as sandbox:
        yield story.tell(sandbox, shop.url)


def test_a_click_pays(tab: Browser, told: story.Shop) -> None:
    """Order, open the checkout, click "pay": the customer sees it, and the shop is notified."""
    told.order("clicked-0001")
    before = len(told.sandbox.settle())
    tab.look(width=390, height=844)
    tab.open(f"{told.sandbox.url}/page/checkout/clicked-0001")
    assert tab.value("document.querySelector('svg.qr').getBoundingClientRect().width") > 150
    tab.click(".sheet form button")
    assert (
        tab.value("location.pathname + location.search") == "/page/checkout/clicked-0001?done=paid"
    )
    assert tab.value("document.querySelector('h1').innerText") == "Paid"
    (notified,) = told.sandbox.settle()[before:]
    assert notified.acknowledged
    assert notified.event.resource["out_trade_no"] == "clicked-0001"


def test_a_typed_code_is_scanned(tab: Browser, told: story.Shop) -> None:
    """A code_url that is pasted leads to the order, in a form that a browser really sends."""
    code = told.order("scanned-0001")["code_url"]
    tab.open(f"{told.sandbox.url}/page/checkout")
    tab.value("document.querySelector('#code').focus()")
    tab.call("Input.insertText", text=code)
    tab.click("form.inline button")
    assert tab.value("location.pathname") == "/page/checkout/scanned-0001"


@pytest.mark.untraced
@pytest.mark.parametrize("device", _WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_fit(tab: Browser, told: story.Shop, device: str, dark: bool) -> None:
    """Nothing is wider than the screen, all text can be read, and nothing is asked elsewhere."""
    wrong = next(each for each in told.sandbox.exchanges if each.diagnosis)
    language = "zh-CN" if dark else "en"
    tab.look(width=_WIDTHS[device], height=844, dark=dark, language=language)
    del tab.asked[:], tab.complaints[:]
    for path in (
        "/",
        f"/page/checkout/{story.WAITING}",
        f"/page/checkout/{story.HOSTILE}",
        f"/page/orders/1900000109/{story.PAID}",
        "/page/orders",
        "/page/transfers",
        "/page/accounts",
        "/page/coupons",
        "/page/vouchers",
        "/page/applyments",
        "/page/applications",
        "/page/product-coupons",
        "/page/payscore",
        f"/page/requests/{wrong.number}",
        "/page/notifications",
        "/page/faults",
        "/page/clock",
        "/page/endpoints",
    ):
        tab.open(told.sandbox.url + path)
        assert tab.value("document.documentElement.scrollWidth") <= _WIDTHS[device], path
        assert tab.value(_CONTRAST) == [], path
    assert all(url.startswith((told.sandbox.url, "data:image/svg")) for url in tab.asked)
    assert tab.complaints == []


def test_the_keyboard_is_enough(tab: Browser, told: story.Shop) -> None:
    """The first key leads to a way past the menu; what has the focus can be seen."""
    tab.look(width=1280, height=844)
    tab.open(f"{told.sandbox.url}/page/checkout/{story.WAITING}")
    for kind in ("keyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
        )
    assert tab.value("document.activeElement.className") == "skip"
    assert tab.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_page_can_be_pictured(tab: Browser, told: story.Shop, tmp_path: Path) -> None:
    """A picture of the page is one."""
    tab.open(told.sandbox.url)
    assert tab.picture().startswith(b"\x89PNG")
