"""Makes what is released: `python -m release`, or `make dist`.

Wheel and sdist are built, looked into, and tried as what they are: installed into an environment of
their own, on each Python that is here, away from the checkout. Beside them stands a list of what
they depend on. Publishing is the workflow's, which calls this and nothing else.
"""
