"""Jobs of the bot: each calls one action. They have a queue of their own, so that nothing else waits for a reading."""

from procrastinate.contrib.django import app

from madoguchi.infra.prepared import fetch_all

QUEUE = "bot"
# So many messages of a company wait for the bot; beyond that it asks a person without reading.
MOST_WAITING = 200
# How many of a company wait, the place of its last one that is not done, and the place that is next in line: just
# behind those that are being answered, or with the first of those that wait. Places go down from 0.
_LINE = """
    SELECT count(*) FILTER (WHERE status = 'todo' AND lock = %(lock)s), min(priority) FILTER (WHERE lock = %(lock)s),
        coalesce(min(priority) FILTER (WHERE status = 'doing') - 1, max(priority), 0)
    FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name = %(queue)s
"""


def answer(message: int, *, company: int) -> None:
    """Have a message of a customer answered, by a job of the same transaction.

    Of each company one is answered at a time, and the line is fair among companies: one's next message is two places
    behind its last, another's first is one place behind what is being answered. So that comes before the second of a
    flood; and as the line moves on with each that is begun, first ones do not keep coming before who waits.

    Where too many of a company wait, a person is asked at once, whatever is being answered meanwhile (`respond` says
    nothing twice, and nothing that something newer has overtaken).
    """
    lock = f"bot-{company}"
    waiting, last, place = fetch_all(_LINE, {"lock": lock, "queue": QUEUE})[0]
    if waiting >= MOST_WAITING:
        respond_to.configure(priority=place).defer(message=message, company=company, full=True)
        return
    if last is not None:
        place = min(place, last - 2)
    respond_to.configure(lock=lock, priority=place).defer(message=message, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="bot.read_aloud", queue=QUEUE, queueing_lock="bot.read_aloud", pass_context=False)
def aloud(timestamp: int) -> None:
    """Every minute: how newly approved articles sound is kept beside them."""
    from madoguchi.bot.actions import read_aloud

    read_aloud()


@app.periodic(cron="* * * * *")
@app.task(name="bot.watch", queueing_lock="bot.watch", pass_context=False)
def watch(timestamp: int) -> None:
    """Every minute, and not in the queue that may stand still: what the bot has not answered goes to people."""
    from madoguchi.bot.actions import free_unheard

    free_unheard()


@app.task(name="bot.respond", queue=QUEUE, pass_context=False)
def respond_to(message: int, company: int, full: bool = False) -> None:
    """Answer one message."""
    from madoguchi.bot.actions import (
        respond,  # it starts what reads articles: not in a process that only schedules
    )

    respond(message, company=company, full=full)


@app.periodic(cron="41 18 * * *")
@app.task(name="bot.learn_limits", queueing_lock="bot.learn_limits", pass_context=False)
def every_night(timestamp: int) -> None:
    """Every night: learn from what people marked as grave."""
    from madoguchi.bot.actions.learning import learn_all

    learn_all()
