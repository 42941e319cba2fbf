"""The cryptography of WeChat Pay: `rsa` (signatures), `aes` (sealed data), `digest` (hashes)."""
