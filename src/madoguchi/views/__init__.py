"""Which cases somebody wants to see, said once and kept."""
