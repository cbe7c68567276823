"""Jobs of the bot: each calls one action. They have a queue of their own, so that nothing else waits for a reading."""

from procrastinate.contrib.django import app

QUEUE = "bot"


def answer(message: int, *, company: int) -> None:
    """Have a message of a customer answered, by a job of the same transaction."""
    respond_to.defer(message=message, company=company)


@app.task(name="bot.respond", queue=QUEUE, pass_context=False)
def respond_to(message: int, company: int) -> None:
    """Answer one message."""
    from madoguchi.bot.actions import (
        respond,  # it starts what reads articles: not in a process that only schedules
    )

    respond(message, company=company)
