"""The documentation: pages in Markdown, and `docs.builder`, which makes a site of them."""
