"""The verbs of the bot."""

from madoguchi.bot.actions.auditing import judge_answer
from madoguchi.bot.actions.respond import respond
from madoguchi.bot.actions.scenario import (
    begin_scenario,
    change_scenario,
    end_scenario,
    scenario_again,
    take_change_back,
)
from madoguchi.bot.actions.setting import set_bot, set_limit_words
from madoguchi.bot.actions.talk import fall_silent, hand_back

__all__ = [
    "begin_scenario",
    "change_scenario",
    "end_scenario",
    "fall_silent",
    "hand_back",
    "judge_answer",
    "respond",
    "scenario_again",
    "set_bot",
    "set_limit_words",
    "take_change_back",
]
