"""The verbs of the bot."""

from madoguchi.bot.actions.respond import respond
from madoguchi.bot.actions.setting import set_bot, set_limit_words
from madoguchi.bot.actions.talk import fall_silent, hand_back

__all__ = ["fall_silent", "hand_back", "respond", "set_bot", "set_limit_words"]
