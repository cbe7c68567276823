"""Who follows which case, and what they are told of it."""
