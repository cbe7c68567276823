"""Jobs of the bot: each calls one action. They have a queue of their own, so that nothing else waits for a reading."""

from typing import Any

from procrastinate.contrib.django import app

from madoguchi.infra.prepared import fetch_all

QUEUE = "bot"
# So many messages of a company wait for the bot; beyond that it asks a person without reading.
MOST_WAITING = 200
_WAITING = """
    SELECT count(*), coalesce(min(priority), 1) FROM procrastinate_jobs
    WHERE status = 'todo' AND lock = %s AND queue_name = %s
"""


def answer(message: int, *, company: int) -> None:
    """Have a message of a customer answered, by a job of the same transaction.

    Of each company one is answered at a time, and behind those of it that wait: another company's first message comes
    before the second one of this.
    """
    lock = f"bot-{company}"
    waiting, last = fetch_all(_WAITING, [lock, QUEUE])[0]
    more: dict[str, Any] = {"full": True} if waiting >= MOST_WAITING else {}
    job = respond_to.configure(lock=lock, priority=max(last - 1, -MOST_WAITING))
    job.defer(message=message, company=company, **more)


@app.task(name="bot.respond", queue=QUEUE, pass_context=False)
def respond_to(message: int, company: int, full: bool = False) -> None:
    """Answer one message."""
    from madoguchi.bot.actions import (
        respond,  # it starts what reads articles: not in a process that only schedules
    )

    respond(message, company=company, full=full)
