"""`madoguchi`: the one command line.

Exit codes: 0 done, 1 failed (the text says why), 2 wrong use or settings that are not right.
"""

from madoguchi.project.cli.commands import main

__all__ = ["main"]
