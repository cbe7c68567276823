"""Calls that a carrier holds and leads by documents, which it asks of us over webhooks (the shape of TwiML)."""
