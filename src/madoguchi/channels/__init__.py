"""The doors to the customer: one package per channel, each an adapter that knows nothing of the others."""
