"""`python -m madoguchi.project.migrating [--check]`: Django's `migrate`, set up as our own commands are.

To search again and again what was loaded, and stays, is a quarter of the time that a fresh database takes.
"""

import sys

from django.core.management import execute_from_command_line

from madoguchi.project.cli.commands import set_up_django

if __name__ == "__main__":
    set_up_django()
    # To check the pages is not its business, and takes a second.
    execute_from_command_line(["madoguchi", "migrate", "--skip-checks", *sys.argv[1:]])
