"""What every app stands on: the database, events, jobs, live push, files and limits."""
