"""What is to be done in a case, by whom, in which order and by when; and plans of such tasks."""
