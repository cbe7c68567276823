"""How often readers of the log try what they cannot digest; known without Django, which the doctor does not load."""

# With doubling pauses, about 14 hours.
MOST_TRIES = 8
