"""What the customer sees: forms and their own case."""
