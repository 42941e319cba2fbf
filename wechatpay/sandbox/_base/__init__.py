"""What everything else stands on: what is remembered, who holds which key, and what a no is."""
