"""What systems outside are told of: which events, and in which words."""
