"""One act on many cases: each by the same rules as by hand, with its own result, and a way back."""
