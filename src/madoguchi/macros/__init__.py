"""Several acts on a case in one key, and what each of them is."""
