"""What people read: every sentence of the sandbox is a `Text`, and stands in a `words.py`.

No program logic hangs on a sentence: what is decided, is decided by the name that it stands under.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Text(NamedTuple):
    """One thing to say, in both languages; `{names}` in braces are filled in.

    Attributes:
        zh: In Chinese.
        en: In English.
    """

    zh: str
    en: str

    def filled(self, **values: object) -> Text:
        """Return it with values in the place of the names in braces."""
        return Text._make(words.format(**values) for words in self) if values else self


Words = Mapping[str, Text]
"""What there is to say, by name."""
