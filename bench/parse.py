"""CPU seconds per 1,000 mails of the parser and of `madoguchi mail parse`, against the standard library's own parse.

The floor is `email.message_from_bytes` with `policy.default`, reading what anybody would: subject, people, date and
body. Each is a process of its own, its start included.
Run: `.venv/bin/python bench/parse.py [--mails 1000] [--times 3]`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import mails

_FLOOR = """
import email, email.policy, sys
for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        mail = email.message_from_bytes(file.read(), policy=email.policy.default)
    [mail[header] for header in ('subject', 'from', 'to', 'date', 'message-id')]
    body = mail.get_body()
    body and body.get_content()
"""
_PARSER = """
import sys
from madoguchi.channels.email.parse import parse
for name in sys.argv[1:]:
    with open(name, 'rb') as file:
        parse(file.read())
"""
_WAYS = {
    "standard library": [sys.executable, "-c", _FLOOR],
    "parse()": [sys.executable, "-c", _PARSER],
    "madoguchi mail parse": [sys.executable, "-m", "madoguchi.project.cli", "mail", "parse"],
}


def cpu_seconds(command: list[str], files: list[str]) -> float:
    """What a process took, user and system together."""
    process = subprocess.Popen([*command, *files], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=1000)
    options.add_argument("--times", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, raw in enumerate(mails.make(given.mails, to="support@bench.example")):
            path = Path(folder) / f"{number}.eml"
            path.write_bytes(raw)
            files.append(str(path))
        best = {name: min(cpu_seconds(c, files) for _ in range(given.times)) for name, c in _WAYS.items()}
    for name, seconds in best.items():
        per_thousand, ratio = seconds * 1000 / given.mails, seconds / best["standard library"]
        print(f"{name:<22} {per_thousand:5.2f} CPU-s per 1,000   {ratio:4.2f} of the floor")


if __name__ == "__main__":
    main()
