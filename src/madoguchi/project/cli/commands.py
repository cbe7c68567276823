"""The list of commands. Each is imported when called: help is quick, a broken command breaks only itself."""

import functools
import gc
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from keyword import iskeyword
from typing import Any

import click

import madoguchi
from madoguchi.infra.origin import coming_from
from madoguchi.infra.postgres import PostgresError
from madoguchi.kernel.errors import MadoguchiError, NotAllowed
from madoguchi.project import bundled, conf

_LAST_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its line in the help, whether it works on the database (needs Django and a server), the module it is
    written in where that has another name, and whether it is a process that lasts, in which nobody types."""

    help: str
    on_database: bool = True
    module: str = ""
    lasting: bool = False


COMMANDS = {
    "up": Entry("Start everything and keep it running.", on_database=False),
    "doctor": Entry("Say what is wrong here and what to do.", on_database=False),
    "migrate": Entry("Bring the database to this version.", on_database=False),
    "backup": Entry("Write everything into one file.", on_database=False),
    "restore": Entry("Put a backup back.", on_database=False),
    "company": Entry("All of a company in one file, out and in."),
    "import": Entry("Cases and customers of other systems.", module="import_from"),
    "seed": Entry("Fill the database with sample data."),
    "customer": Entry("What customers may demand of their data."),
    "rights": Entry("What customers demanded, and what goes when."),
    "case": Entry("List, show, answer and merge cases."),
    "mail": Entry(
        "Take mail in, fetch it, keep the doors open, say what mail files hold.", on_database=False
    ),
    "phone": Entry("Take calls; what callers meet; which calls there were.", on_database=False),
    "document": Entry("Invoices, receipts, delivery notes and return slips.", on_database=False),
    "shop": Entry("How a company sells, and what."),
    "faq": Entry("Which question of an FAQ somebody means.", on_database=False),
    "knowledge": Entry("All articles of a company as files, out and in."),
    "bot": Entry("How well a bot hears where it ends.", on_database=False),
    "search": Entry("Find cases by words, names, numbers and addresses."),
    "access": Entry("Who was shown which customer's data."),
    "heal": Entry("Bring rows of earlier versions under the rules of this one."),
    "kpi": Entry("Figures of desks, by definitions that have versions."),
    "routing": Entry("Who answers, tried out.", on_database=False),
    "clock": Entry("Service levels and their clocks.", on_database=False),
    "view": Entry("Saved views."),
    "user": Entry("People and their passwords."),
    "webhook": Entry("Where events of a company are sent."),
    "token": Entry("Tokens by which programs act for people."),
    "events": Entry("Who reacts to what."),
    "web": Entry("Answer browsers (one of the processes of `up`).", on_database=False),
    "live": Entry("Push what happens to open screens, apart from `web`.", on_database=False),
    "worker": Entry("Do the jobs (one of the processes of `up`).", lasting=True),
}


def registered(name: str) -> bool:
    """Whether this command is part of the installation."""
    return find_spec(_module(name, COMMANDS[name])) is not None


class Commands(click.Group):
    """Commands by name of their module: `madoguchi case` is the click command `case` in cli/case.py."""

    def __init__(self, *args: Any, entries: Mapping[str, Entry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        return _load(cmd_name, entry) if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Written from the list alone: help imports no command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except conf.SettingsError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except NotAllowed as error:
            told = f"Not allowed: {error}. docs/reference.md says which roles may, `madoguchi user list` who has which."
            raise click.ClickException(told) from error
        except (PostgresError, MadoguchiError) as error:
            raise click.ClickException(str(error)) from error


@click.group(
    cls=Commands,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(madoguchi.__version__, prog_name="madoguchi")
@click.option("--supervised", is_flag=True, hidden=True, help="Stop when standard input ends.")
def main(*, supervised: bool) -> None:
    """Madoguchi, the support centre. Settings come from MADOGUCHI_* variables: docs/running/settings.md."""
    if supervised:
        threading.Thread(target=_end_with_supervisor, daemon=True).start()


def _end_with_supervisor() -> None:
    """The supervisor holds the other end of our input. When it is gone, even by kill -9, so are we."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LAST_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _module(name: str, entry: Entry) -> str:
    return f"madoguchi.project.cli.{entry.module or name}"


@functools.cache
def _load(name: str, entry: Entry) -> click.Command:
    if find_spec(_module(name, entry)) is None:
        raise click.ClickException(f"`madoguchi {name}` is not part of this installation.")
    if entry.on_database:
        set_up_django()
    written = f"{name}_" if iskeyword(name) else name
    command: click.Command = getattr(importlib.import_module(_module(name, entry)), written)
    if entry.on_database:
        _give_database(command, origin="" if entry.lasting else "command line")
    return command


def set_up_django() -> None:
    """Let Django know its apps; commands that work on no database may want no more than its words.

    All that is loaded stays until the end: searching it for what is done with, again and again while more is loaded and
    once more at the end, was a third of the time of a short command.
    """
    from django import setup
    from django.apps import apps

    if apps.ready:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.project.settings")
    gc.disable()
    setup()
    gc.freeze()
    gc.enable()


def _give_database(command: click.Command, *, origin: str) -> None:
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _give_database(each, origin=origin)
    elif command.callback is not None:
        command.callback = _on_database(command.callback, origin)


def _on_database(callback: Callable[..., Any], origin: str) -> Callable[..., Any]:
    """Runs the command with the bundled server up, and says in words when the database refuses."""

    @functools.wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        from django.db import Error

        # Without this a terminated command would leave the server behind.
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        with bundled.database(conf.config):
            try:
                with coming_from(origin):
                    return callback(*args, **kwargs)
            except Error as error:
                raise refused(error) from error

    return run


def refused(error: Exception) -> click.ClickException:
    """What the database said, in one line, and whom to ask."""
    reason = str(error).strip().partition("\n")[0]
    return click.ClickException(f"The database refused: {reason}\nAsk: madoguchi doctor")
