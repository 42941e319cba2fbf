"""Makes the documentation's site: `python -m docs.builder`, or `make docs`.

Sphinx renders the pages that people write, with Furo and MyST. The pages of the endpoints are
HTML from the catalogue inside the same theme: a thousand of them in Markdown take Sphinx minutes,
so they take seconds. Search is the site's own, for Sphinx's does not find Chinese words inside a
sentence. Nothing is fetched, neither by the build nor by what it makes.
"""
