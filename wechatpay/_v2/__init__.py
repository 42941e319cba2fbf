"""The APIv2 dialect: XML that carries its own signature, both ways."""
