"""Time: the clock, what is going to happen, and notifications on their way to the merchant."""
