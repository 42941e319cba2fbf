"""How what a customer or a developer asks of the sandbox itself is refused: in its own words."""

from __future__ import annotations

from .._base import No, Text

NOT_SO = No(400, "PARAM_ERROR", Text("{why.zh}", "{why.en}"), "/")
NOT_THERE = No(404, "RESOURCE_NOT_EXISTS", Text("{why}", "{why}"), "/")
