"""Electronic mail: bytes in to a ParsedMail, an answer out to bytes, and the clues that find its case."""
