"""Bots made up for tests."""

from functools import partial
from typing import Any

from madoguchi.bot.actions import begin_scenario, change_scenario, set_bot
from madoguchi.bot.models import Bot, ScenarioVersion
from madoguchi.bot.tree import Node, Tree, added
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor, system


def bot_on(desk: Desk, **changes: Any) -> Bot:
    """The bot of a desk, switched on."""
    said: dict[str, Any] = {"is_on": True, "name": "案内ボット", "greeting": "", "hours": Bot.Hours.ALWAYS}
    said |= {"answer_from": 75, "suggest_from": 35, **changes}
    return set_bot(desk, **said, by=system("test"))


def led_by(desk: Desk, *nodes: Node, by: Actor, language: str = "ja") -> ScenarioVersion:
    """A scenario in force with these choices; the first question has the id 1, they have 2, 3 and so on."""
    seen = 0
    for node in nodes:
        seen = change_scenario(desk, language, partial(_with, node), seen=seen, by=by).revision
    return begin_scenario(desk, language, seen=seen, by=by)


def _with(node: Node, tree: Tree) -> Tree:
    return added(tree, node)[0]
