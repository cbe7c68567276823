"""What commands that read files without a database say when one is not right: in the language of whoever asks."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from madoguchi.promises.located import Wrong
from madoguchi.promises.wording import said_of, said_of_unreadable, words_in

UNREADABLE, WRONG = 1, 2


@contextmanager
def told(file: str, *, language: str | None = None) -> Iterator[None]:
    """End the command where what is read within is not right (exit code 2: file, line and field are named) or cannot be
    read (1).
    """
    words = words_in(language or language_of_shell())
    try:
        yield
    except Wrong as error:
        said, code = said_of(error, file=file, words=words), WRONG
    except OSError as error:
        said, code = said_of_unreadable(error, file=file, words=words), UNREADABLE
    else:
        return
    click.echo(said, err=True)
    sys.exit(code)


def language_of_shell() -> str:
    """Japanese, unless the machine is set up for English."""
    set_up = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "en" if set_up.casefold().startswith("en") else "ja"
