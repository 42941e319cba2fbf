"""Makes the catalogue of `wechatpay.api` from public sources; no part of the wheel.

`readers` turn the checkouts of those sources into models, one form for all. The judge holds the
models against each other, by the rules in its own docstring and the decisions in
``decisions.jsonl``, and writes the package's data, the witnesses of each fact and a report.
"""
