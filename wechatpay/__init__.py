"""WeChat Pay's merchant API as a chain of attributes: signed, verified, sync and async."""

__version__ = "0.1.0"
