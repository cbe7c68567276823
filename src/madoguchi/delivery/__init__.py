"""Everything that leaves: a row with a state before it is a connection."""
