"""What pages show is done in their order, by one who knows nothing but what was answered.

What one call answers the next ones name; answers and notifications have their documented shape.
"""

from __future__ import annotations

import pytest

from wechatpay.sandbox import Sandbox

from .asker import Asker
from .documented_flows import FLOWS, USER
from .followed import Pages

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.mark.parametrize("family", FLOWS)
def test_pages_are_followed(family: str) -> None:
    """What pages show is taken in their order, and answered and told in the documented shape."""
    steps, events = FLOWS[family]
    with Sandbox() as sandbox:
        pages = Pages(sandbox, USER)
        for step in steps:
            pages.follow(step)
        asker = Asker(sandbox)
        assert {each: len(asker.told(each)) > 0 for each in events} == dict.fromkeys(events, True)
