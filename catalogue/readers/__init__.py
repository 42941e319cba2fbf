"""Readers: each turns the checkout of one source into models."""
