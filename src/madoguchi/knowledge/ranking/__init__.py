"""Which question of an FAQ somebody means, how sure that is, and whether to answer at all. Pure: no database, no clock.

Two readers judge every question of the FAQ: one by the words that it shares with what was asked (`lexical`), one by
what both mean (`meaning`). `index` weighs them against each other; where a company's own resolved questions are there,
`learning` finds its weights and how far they can be trusted.
"""

from madoguchi.knowledge.ranking.index import Decision, Entry, Index, Phrasing, Ranking

__all__ = ["Decision", "Entry", "Index", "Phrasing", "Ranking"]
