"""Companies, the operators who answer for them, their desks and where customers turn to."""
