"""One door for everything that arrives: once only, from whom, to which case."""
