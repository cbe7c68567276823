"""A believable world to look at and to measure with: made-up companies, people, customers and cases."""
