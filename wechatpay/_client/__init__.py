"""The client: its configuration, and what drives its calls, blocking or not."""
