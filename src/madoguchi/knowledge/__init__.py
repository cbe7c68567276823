"""What operators need to know and say: reply templates, for now."""
