"""What a company agrees on: where suspicion begins, and in which words its customers are warned."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Problems, Refused
from madoguchi.shield import policies
from madoguchi.shield.events import TermsApproved, TermsChanged
from madoguchi.shield.models import Sort, Terms
from madoguchi.shield.texts import kept
from madoguchi.shield.words import read

# Words to begin with; they are a company's own once it has approved them.
USUAL_WARNING = """\
{{customer}}様
お問い合わせの件につきましては、引き続き誠意をもって対応いたします。
ただ、ただいまのようなお言葉やお申し出の仕方が続きますと、担当者がご用件に対応することが難しくなります。
恐れ入りますが、お控えくださいますようお願いいたします。続く場合は、このやり取りを終え、別の方法でご用件を承ります。"""
USUAL_ENDING = """\
{{customer}}様
先ほど申し上げたとおり、このやり取りはここで終了いたします。
ご用件(受付番号 {{case}})は終わりにいたしません。引き続き別の方法でお答えいたします。
この判断にご異議がある場合は、その旨をお知らせください。別の者が改めて確認し、お答えいたします。"""
_WORDS = ("warning", "ending")


@transaction.atomic
def set_terms(company: Company, *, by: Actor, **said: Any) -> None:
    """Say what a company agrees on. Words that changed are used again once the company has approved them.

    Raises NotAllowed, or Refused naming the line of words that makes no sense, and numbers out of their bounds.
    """
    if not policies.may_agree_terms(by, company=company.pk):
        raise NotAllowed(Permission.DESKS)
    values = said | {name: kept(said[name], field=name, needed=False) for name in (*_WORDS, "words")}
    try:
        read(values["words"], sorts=Sort.values)
    except ValueError as error:
        raise Refused(_wrong(str(error)), field="words") from None
    wrong = Problems()
    for name, least, most in (("hold_minutes", 10, 240), ("repeats", 3, 20), ("care_hours", 1, 168)):
        words = _("Write a number from %(least)s to %(most)s.") % {"least": least, "most": most}
        wrong.unless(least <= values[name] <= most, words, name)
    wrong.end()
    terms, _made = Terms.objects.get_or_create(company=company)
    changes = set_changed(terms, **values)
    if set(changes) & set(_WORDS):
        set_changed(terms, version=terms.version + 1)
    if changes:
        record(TermsChanged(company=company.pk, fields=sorted(changes), version=terms.version), by=by)


@transaction.atomic
def approve_terms(company: Company, *, version: int, by: Actor) -> None:
    """Let the words of this version be used. Raises NotAllowed for who does not speak for the company, Conflict where
    the words are not any more those that were seen.
    """
    if not policies.may_approve_terms(by, company=company.pk):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    there = Terms.objects.filter(company=company, version=version).exclude(approved=version)
    if not there.update(approved=version, approved_by=by.id, approved_at=clock.now()):
        raise Conflict(_("The words were changed or approved meanwhile. Look at them again."))
    record(TermsApproved(company=company.pk, version=version), by=by)


def _wrong(line: str) -> str:
    if not line:
        return _("These are too many: 40 sorts and 400 words at most.")
    words = _(
        "Line %(line)s makes no sense. Write one of the sorts, a colon, and words of two letters or more."
    )
    return words % {"line": line}
