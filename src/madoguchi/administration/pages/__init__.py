"""The pages of administration, one module for each kind of thing."""
