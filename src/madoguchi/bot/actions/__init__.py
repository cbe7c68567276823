"""The verbs of the bot."""

from madoguchi.bot.actions.aloud import read_aloud
from madoguchi.bot.actions.auditing import judge_answer
from madoguchi.bot.actions.respond import hand_over_at_once, respond
from madoguchi.bot.actions.scenario import (
    begin_scenario,
    change_scenario,
    end_scenario,
    scenario_again,
    take_change_back,
)
from madoguchi.bot.actions.setting import set_bot, set_limit_words
from madoguchi.bot.actions.talk import fall_silent, hand_back
from madoguchi.bot.actions.watching import free_unheard

__all__ = [
    "begin_scenario",
    "change_scenario",
    "end_scenario",
    "fall_silent",
    "free_unheard",
    "hand_back",
    "hand_over_at_once",
    "judge_answer",
    "read_aloud",
    "respond",
    "scenario_again",
    "set_bot",
    "set_limit_words",
    "take_change_back",
]
