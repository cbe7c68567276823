"""Lists of cases taken along as files."""
