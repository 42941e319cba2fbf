"""`python -m catalogue CHECKOUTS`: see `catalogue.command`."""

from __future__ import annotations

import sys

from .command import main

sys.exit(main())
