"""Calls that an Asterisk holds: it dials us (ARI over an outbound WebSocket), and sends us their sound as RTP."""
