from ._anything import __getattr__
