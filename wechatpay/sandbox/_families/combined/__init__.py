"""Payments of several orders with one password."""
