"""`madoguchi routing people`: how many people a queue needs."""

import json

import click

from madoguchi.routing.erlang import ErlangA, ErlangC
from madoguchi.routing.planning import MOST_CALLS, MOST_SECONDS, MOST_TARGET, people_within, rostered

SECONDS = click.FloatRange(0, MOST_SECONDS, min_open=True)


@click.command()
@click.option(
    "--rate", type=click.FloatRange(0, MOST_CALLS, min_open=True), required=True, help="Calls an hour."
)
@click.option("--handle", type=SECONDS, required=True, help="Seconds that one takes, afterwork included.")
@click.option(
    "--target",
    type=click.FloatRange(0, MOST_TARGET),
    default=20.0,
    show_default=True,
    help="Seconds to the answer.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.8,
    show_default=True,
    help="The part that is to be answered within them.",
)
@click.option("--patience", type=SECONDS, help="Seconds after which callers give up, on average.")
@click.option(
    "--shrinkage",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="The part of paid time for which people are not at the queue.",
)
@click.option(
    "--occupancy",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="The part of their time at the queue for which people are busy, at most.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def people(
    *,
    rate: float,
    handle: float,
    target: float,
    share: float,
    patience: float | None,
    shrinkage: float,
    occupancy: float,
    as_json: bool,
) -> None:
    """Say how many people a queue needs, by Erlang C (nobody gives up) and, with --patience, by Erlang A, how many are
    to be on the roster for that, and what is to be expected of so many.

    Exit codes: 0 said, 1 no number of people suffices.
    """
    second = rate / 3600

    def by_c(agents: int) -> ErlangC:
        return ErlangC(rate=second, handle=handle, agents=agents)

    def by_a(agents: int) -> ErlangA:
        return ErlangA(rate=second, handle=handle, patience=patience or 0.0, agents=agents)

    try:
        found: dict[str, ErlangA | ErlangC] = {
            "erlang_c": by_c(people_within(share, target, by_c, occupancy=occupancy))
        }
        if patience:
            found["erlang_a"] = by_a(people_within(share, target, by_a, occupancy=occupancy))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    document = {name: _expected(queue, target, shrinkage) for name, queue in found.items()}
    click.echo(
        json.dumps(document, indent=2) if as_json else "\n".join(map(_line, document, document.values()))
    )


def _expected(queue: ErlangA | ErlangC, target: float, shrinkage: float) -> dict[str, float]:
    figures = {
        "service_level": queue.service_level(target),
        "abandonment": queue.abandonment() if isinstance(queue, ErlangA) else 0.0,
        "wait": queue.wait(),
        "occupancy": queue.occupancy(),
    }
    seats = {"people": queue.agents, "rostered": rostered(queue.agents, shrinkage)}
    return seats | {name: round(value, 6) for name, value in figures.items()}


def _line(name: str, said: dict[str, float]) -> str:
    shares = ", ".join(
        f"{part} {100 * said[part]:.1f} %" for part in ("service_level", "abandonment", "occupancy")
    )
    return f"{name}: {said['people']} people ({said['rostered']} on the roster), {shares}, wait {said['wait']:.1f} s"
