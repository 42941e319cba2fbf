"""All that knows sockets, TLS, proxies, event loops, the merchant's certificate and files."""
