"""Setting up companies, desks, entry points, people, templates and mail servers."""
