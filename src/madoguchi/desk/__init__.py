"""The operators' and supervisors' console."""
