"""What widgets need whatever their toolkit."""
