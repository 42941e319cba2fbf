"""The APIv3 dialect: what is signed and sealed, and whether an answer is to be believed."""
