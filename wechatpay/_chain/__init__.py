"""A path as attributes and strings: nodes, segments, URI templates, and what may come next."""
