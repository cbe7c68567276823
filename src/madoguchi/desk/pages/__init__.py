"""The console's pages: parse, call an action or a query, render."""
