"""Plain Python that every other package may use: no Django, no database, no clock but the one passed in."""
