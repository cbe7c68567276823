"""A chat on a company's own web pages as a channel."""
