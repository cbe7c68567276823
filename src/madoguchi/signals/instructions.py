"""Direct instructions of a company to people of another employer (偽装請負): noticed in what its people mail to the
desk and in what staff write down, told to the operator's manager, who settles it. A machine suggests; nobody is
kept from writing.

Source: 昭和61年労働省告示第37号: how work is done, who does it, when, and how it is judged is for the employer to say.
What the company asks for goes to its manager, as a question or a request.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message, Note
from madoguchi.companies.queries import has_people_of_others
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, Problems
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.people.queries import is_mail_of_company
from madoguchi.signals import policies
from madoguchi.signals.events import InstructionNoticed, InstructionSettled
from madoguchi.signals.lexicon import Found, find, read_lexicon
from madoguchi.signals.models import Instruction

# In a mail of the company's people to a desk whose people are another's.
FROM_COMPANY = read_lexicon("""\
業務の遂行方法: してください、して下さい、しておいて、してもらえますか、優先して、先に対応、至急対応、やり直し、書き直し
業務の遂行方法: please answer、please call、do it first
人の配置: 担当を変え、担当者を変え、担当から外、に担当させ、に対応させ、に任せて
労働時間: 残業して、残業を、休憩を、休憩は、シフトを、出勤して、早退、休日出勤、overtime
評価: 評価を、評価が、指導して、注意して、叱って、反省させ
""")
# In what staff write down.
NOTED = read_lexicon("""\
業務の遂行方法: 委託元から直接、委託元の直接、委託元から指示、委託元の指示、委託元に言われ
業務の遂行方法: クライアントから直接、クライアントから指示、クライアントの指示
業務の遂行方法: クライアントに言われ、直接指示、直接の指示、直に指示、client told me、instructed by the client
""")
_READER = system("direct instructions")


def look_at_mail(message: int) -> Instruction | None:
    """Read a mail to a desk where others employ: of the company's own people. Read again, of customers, and of whom
    somebody else may pose as, nothing.
    """
    said = Message.objects.select_related("case__continued_in", "case__desk").filter(pk=message).first()
    if said is None or said.author != Message.Author.CUSTOMER or said.automatic:
        return None
    if not _is_believed(said) or not is_mail_of_company(said.sender_address, company=said.company_id):
        return None
    found = find(f"{said.subject}\n{said.new_text or said.text}", FROM_COMPANY)
    return _noticed(said.case, found, message=said)


def look_at_what_was_noted(note: int) -> Instruction | None:
    """Read what staff wrote down: what was said on the phone or in the room leaves no other trace."""
    said = Note.objects.select_related("case__continued_in", "case__desk").filter(pk=note).first()
    return None if said is None else _noticed(said.case, find(said.text, NOTED), note=said)


@transaction.atomic
def settle_instruction(one: Instruction, *, outcome: str, reason: str, by: Actor) -> None:
    """Say what became of it. Raises NotAllowed for who is no manager of an operator there, Refused for no outcome of
    the list and no reason, Conflict where it is settled.
    """
    case = one.case.continued_in or one.case
    if not policies.may_settle_instruction(by, case):
        raise NotAllowed(Permission.CASE_APPROVE)
    said, wrong = blot_card_numbers(one_line(reason, most=200)), Problems()
    wrong.unless(outcome in Instruction.Outcome.values, _("Choose one of the list."), "outcome")
    wrong.unless(bool(said), _("Write what was done, so that it can be shown."), "reason")
    wrong.end()
    there = Instruction.objects.filter(pk=one.pk, settled_at=None)
    if not there.update(outcome=outcome, reason=said, settled_at=clock.now(), settled_by=by.id):
        raise Conflict(_("Somebody was faster. Look again."))
    record(InstructionSettled(**case.where, instruction=one.pk, outcome=outcome), by=by)


def _is_believed(said: Message) -> bool:
    """Whether it came as a mail whose sender nothing speaks against: neither a mail server, nor its domain or name.
    An address that was typed into a form or a chat proves nothing.
    """
    trust = said.trust or {}
    against = ("poses_as_us", "lookalike", "name_claims")
    if said.channel != Channel.EMAIL or any(trust.get(name) for name in against):
        return False
    verdict = trust.get("authentication")
    # A mail that was passed on may fail one of the three and still be genuine: then the verdict says so.
    return verdict == "pass" or "fail" not in (verdict, *map(trust.get, ("spf", "dkim", "dmarc")))


@transaction.atomic
def _noticed(case: Case, found: Found, **source: Any) -> Instruction | None:
    home = case.continued_in or case
    if not found.words or not has_people_of_others(home.desk):
        return None
    made, new = Instruction.objects.get_or_create(
        **source,
        defaults={
            "company_id": home.company_id,
            "case": home,
            "words": list(found.words),
            "sorts": list(found.sorts),
            "found_at": clock.now(),
        },
    )
    if not new:
        return None
    record(InstructionNoticed(**home.where, instruction=made.pk, sorts=list(found.sorts)), by=_READER)
    return made
