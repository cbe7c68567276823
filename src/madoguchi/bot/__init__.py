"""The bot: answers from approved articles, and knows when a person is wanted."""
