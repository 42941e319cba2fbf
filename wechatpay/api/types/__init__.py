"""The endpoints, as types: everything is in the stubs, which only type checkers see."""
