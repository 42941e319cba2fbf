"""The keys of both sides, and the echo with which a merchant tests them."""
