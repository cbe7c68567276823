"""What customers ask and no article says: words that rise, and questions that are alike; each can become an article."""
