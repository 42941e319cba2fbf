"""What a coding agent is given: tools by MCP, and a skill, a folder of texts to copy.

`server` needs the extra `mcp`, and is loaded when the tools are served.
"""

from __future__ import annotations

from .allowing import Allowed
from .merchant import Merchant
from .skill import folder, install

__all__ = ["Allowed", "Merchant", "folder", "install"]
