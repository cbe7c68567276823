"""`madoguchi mail`: take mail in, fetch it, keep the doors open, say what mail files hold."""

import click

from madoguchi.project.cli.commands import Commands, Entry

COMMANDS = {
    "ingest": Entry("Take mail files in, as if they had come by a door.", module="mail_in"),
    "fetch": Entry("Look into every mailbox now.", module="mail_in"),
    "doors": Entry("Listen for SMTP and read mailboxes (one of the processes of `up`).", module="mail_in"),
    "dkim": Entry("Show and make the keys by which a domain's mail is signed.", module="mail_dkim"),
    "authorize": Entry(
        "Let a mail account be entered by OAuth 2 (Gmail, Microsoft 365).", module="mail_authorize"
    ),
    "parse": Entry("Say what mail files hold, without a database.", on_database=False, module="mail_parse"),
}


@click.group(cls=Commands, entries=COMMANDS)
def mail() -> None:
    """Take mail in, fetch it, keep the doors open, say what mail files hold."""
