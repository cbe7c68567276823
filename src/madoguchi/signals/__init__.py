"""What may become trouble: signals that pile up, and grave words in what customers write."""
