"""What an endpoint is: its path, what is documented of it, and what it is asked and says."""
