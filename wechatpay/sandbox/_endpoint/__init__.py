"""What an endpoint is: its path, what is documented of it, and what it is asked and says."""

from __future__ import annotations

from . import downloads, fields, sensitive
from .answers import answer, made_up
from .documented import Document, documents, find, tree_of
from .fields import Limit, Limits, Spec, Tree
from .messages import Answer, Fate, Headers, Lines, Request, joined
from .reply import EndpointReply, dump
from .routes import EndpointRoute, Handler, IncomingCall, Router
from .uploads import form
from .words import NOT_DECRYPTED, OWN_MERCHANT, REQUIRED

__all__ = [
    "NOT_DECRYPTED",
    "OWN_MERCHANT",
    "REQUIRED",
    "Answer",
    "Document",
    "EndpointReply",
    "EndpointRoute",
    "Fate",
    "Handler",
    "Headers",
    "IncomingCall",
    "Limit",
    "Limits",
    "Lines",
    "Request",
    "Router",
    "Spec",
    "Tree",
    "answer",
    "documents",
    "downloads",
    "dump",
    "fields",
    "find",
    "form",
    "joined",
    "made_up",
    "sensitive",
    "tree_of",
]
