"""A form on the web as a channel."""
