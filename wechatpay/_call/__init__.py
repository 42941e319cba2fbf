"""One call, without I/O: what was asked, how endpoints differ, hosts, tries and refusals."""
