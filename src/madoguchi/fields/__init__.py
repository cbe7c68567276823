"""What a desk wants to know of its cases beyond words: fields of its own, and kinds of matter that ask for them."""
