"""Which question of an FAQ somebody means, how sure that is, and whether to answer at all. Pure: no database, no clock.

Two readers judge every question of the FAQ: one by the words that it shares with what was asked (`lexical`), one by
what both mean (`meaning`). `index` weighs them against each other; where a company's own resolved questions are there,
`learning` finds its weights and how far they can be trusted.
"""

import os

# numpy reads it when it is first loaded. For texts this short one core is as quick, and takes a third of the work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from madoguchi.knowledge.ranking.index import Decision, Entry, Index, Phrasing, Ranking

__all__ = ["Decision", "Entry", "Index", "Phrasing", "Ranking"]
