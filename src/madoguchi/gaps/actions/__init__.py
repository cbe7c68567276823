"""The verbs of what no article says."""

from madoguchi.gaps.actions.searching import search_all, start_search, stop_search, work
from madoguchi.gaps.actions.settling import begin_article, set_aside, take_up_again

__all__ = [
    "begin_article",
    "search_all",
    "set_aside",
    "start_search",
    "stop_search",
    "take_up_again",
    "work",
]
