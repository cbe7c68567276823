"""Questions to whoever knows more, and message slips for people outside."""
