"""One module for each command, or for a few that belong together: what it asks, and prints."""
