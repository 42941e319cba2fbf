"""A path as attributes and strings: nodes, segments, URI templates, and what may come next."""

from typing import TYPE_CHECKING

from .._lazy import lazy
from .ending import shown as shown
from .node import AsyncVerb as AsyncVerb, Node as Node, Sender as Sender, Verb as Verb
from .path import fill as fill, literal as literal, segment as segment
from .template import as_text as as_text
from .verbs import METHODS as METHODS

if TYPE_CHECKING:
    from .arguments import argument as argument
    from .foreign_names import imported as imported
    from .hints import again as again, attribute as attribute, meant as meant, paths as paths
    from .slips import instead as instead
else:
    __getattr__ = lazy(
        __name__,
        {
            "arguments": "argument",
            "foreign_names": "imported",
            "hints": "again attribute meant paths",
            "slips": "instead",
        },
    )
