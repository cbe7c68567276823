"""“As I said before”: words by which customers tell that they have to explain once more."""

from madoguchi.cases.actions import note_told_again as tell_again
from madoguchi.cases.models import Case, Message
from madoguchi.kernel.actor import system
from madoguchi.signals.lexicon import find, read_lexicon

AGAIN = read_lexicon("""\
先: 先ほども、さきほども、先程も、さっきも言、さっきも話、さっきも伝、前回もお伝え、以前もお伝え、以前にも説明
前: 前にも言、前にも話、前にも伝、前にも説明、何度も説明、何回も説明、何度も同じ、何回も同じ、同じことを何度
同: 同じ説明を、同じ話を、また一から、また最初から説明、もう一度最初から説明、たらい回し
en: as I said before、as I already said、already explained、already told you、told your colleague
en: explain again、explain it again
""")
_READER = system("words said again")


def note_told_again(case: Case, said: Message) -> bool:
    """Record that a customer wrote so, where these words say it; once of a case. One query where they do."""
    if not find(said.new_text or said.text, AGAIN).words:
        return False
    return tell_again(case, message=said.pk, by=_READER)
