"""A LINE official account as a channel (Messaging API)."""
