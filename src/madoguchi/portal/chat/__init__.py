"""What the chat on a company's own pages asks of us: its looks, what a visitor writes, and what was said."""
