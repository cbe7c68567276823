"""What every adapter of a contract must do, whichever it is."""
