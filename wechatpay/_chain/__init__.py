"""A path as attributes and strings: nodes, segments, URI templates, and what may come next."""

from .hints import meant as meant, paths as paths
from .node import AsyncVerb as AsyncVerb, Node as Node, Sender as Sender, Verb as Verb
from .path import (
    OPTIONAL_PLACEHOLDER as OPTIONAL_PLACEHOLDER,
    fill as fill,
    literal as literal,
    segment as segment,
)
from .template import as_text as as_text
