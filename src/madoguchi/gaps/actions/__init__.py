"""The verbs of what no article says."""

from madoguchi.gaps.actions.asking import ask_for_article
from madoguchi.gaps.actions.rehearsing import start_rehearsal, stop_rehearsal, try_cases
from madoguchi.gaps.actions.searching import search_all, start_search, stop_search, work
from madoguchi.gaps.actions.settling import begin_article, set_aside, take_up_again

__all__ = [
    "ask_for_article",
    "begin_article",
    "search_all",
    "set_aside",
    "start_rehearsal",
    "start_search",
    "stop_rehearsal",
    "stop_search",
    "take_up_again",
    "try_cases",
    "work",
]
