"""The command line as a test types it."""

import json
from dataclasses import dataclass
from typing import Any

from click import Command
from click.testing import CliRunner, Result


@dataclass(frozen=True)
class Shell:
    """One command, and what it does with the words behind it."""

    command: Command

    def run(self, *arguments: str, given: str = "") -> Result:
        """What came of it; `given` is typed into it."""
        return CliRunner().invoke(self.command, arguments, input=given)

    def answer(self, *arguments: str, given: str = "") -> Any:
        """What it prints for scripts; the test fails where the command does."""
        result = self.run(*arguments, "--json", given=given)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def rows(self, *arguments: str) -> list[Any]:
        """The same of a command that prints one object a line."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]
