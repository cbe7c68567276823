"""Backup and restore: one file that holds everything an installation needs to stand up again."""
