"""The command ``python -m wechatpay._codegen``."""

from __future__ import annotations

import sys

from wechatpay._codegen import main

sys.exit(main())
