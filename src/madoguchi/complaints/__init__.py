"""Complaints: facts, demand and manner apart, with a deadline, somebody responsible and what was mended."""
