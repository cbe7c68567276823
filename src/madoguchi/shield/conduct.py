"""What a company tells its customers about harassment (カスタマーハラスメント方針): written, approved, read, quoted.

A version is never changed: whoever was warned reads the one that was quoted to them. Sources: 労働施策総合推進法
(clear policy, made known, also to customers; in force 2026-10-01), 東京都カスタマー・ハラスメント防止条例.
"""

from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.shield import policies
from madoguchi.shield.events import ConductPolicyApproved, ConductPolicyWritten
from madoguchi.shield.models import ConductPolicy
from madoguchi.shield.texts import kept

MOST_QUOTED, MOST_VERSIONS = 300, 200
# Words to begin with; they are a company's own once it has approved them.
USUAL = """\
当社は、お客様からのご意見・ご要望・苦情を、商品とサービスを良くするための大切な声としてお受けします。どなたも、遠慮なくお申し出ください。
一方で、お申し出の内容や手段・態様が社会通念上許される範囲を超え、働く者の就業環境を害する言動（カスタマーハラスメント）には、働く者を守るため、次のとおり対応します。

■ 該当する言動の例
・暴言、威圧、脅迫、人格を否定する発言、差別的または性的な言動
・長時間の拘束、同じ要求の繰り返し
・過度な要求、土下座などの謝罪の強要
・SNSなどでの誹謗中傷、担当者個人の情報の詮索やつきまとい

■ 当社の対応
・まず、お控えいただくようお願いします。
・続く場合は、そのやり取りを終えます。その場合もご用件は終わりにせず、別の方法でお答えします。
・犯罪にあたるおそれがある場合は、警察に通報します。

■ お客様の権利
・正当な苦情・お申し出は、カスタマーハラスメントにあたりません。
・当社の判断にご異議がある場合は、担当者またはお客様専用ページからお申し出ください。
・判断に関わらなかった者が7日以内に改めて確認し、お答えします。"""
USUAL_QUOTED = (
    "お申し出の手段・態様が社会通念上許される範囲を超える場合は、"
    "やり取りを終え、ご用件は別の方法でお答えします。"
)


@transaction.atomic
def write_policy(company: Company, *, text: str, quoted: str, by: Actor) -> ConductPolicy:
    """Write a new version; customers read it once the company approves it. What is as the newest makes none.

    Raises NotAllowed, or Refused for no text, too much, and a quotation that does not fit.
    """
    if not policies.may_agree_terms(by, company=company.pk):
        raise NotAllowed(Permission.DESKS)
    said, sentence = kept(text, field="text"), blot_card_numbers(one_line(quoted, most=10_000))
    if len(sentence) > MOST_QUOTED:
        words = _("This has %(there)s characters; %(most)s fit. Shorten it.")
        raise Refused(words % {"there": len(sentence), "most": MOST_QUOTED}, field="quoted")
    Company.objects.select_for_update(no_key=True).only("pk").get(pk=company.pk)
    newest = newest_policy(company.pk)
    if newest and (newest.text, newest.quoted) == (said, sentence):
        return newest
    last = ConductPolicy.objects.filter(company=company).aggregate(last=Max("version"))["last"] or 0
    if last >= MOST_VERSIONS:
        raise Refused(_("There are too many already."), field="text")
    made = ConductPolicy.objects.create(
        company=company,
        version=last + 1,
        text=said,
        quoted=sentence,
        written_by_id=by.id,
        written_at=clock.now(),
    )
    record(ConductPolicyWritten(company=company.pk, version=made.version), by=by)
    return made


@transaction.atomic
def approve_policy(company: Company, *, version: int, by: Actor) -> None:
    """Let customers read this version from now on. Raises NotAllowed for who does not speak for the company, Conflict
    where there is a newer one or it is approved.
    """
    if not policies.may_approve_terms(by, company=company.pk):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    Company.objects.select_for_update(no_key=True).only("pk").get(pk=company.pk)
    newest = newest_policy(company.pk)
    if newest is None or newest.version != version or newest.approved_at is not None:
        raise Conflict(_("The words were changed or approved meanwhile. Look at them again."))
    newest.approved_at, newest.approved_by_id = clock.now(), by.id
    newest.save(update_fields=["approved_at", "approved_by"])
    record(ConductPolicyApproved(company=company.pk, version=version), by=by)


def newest_policy(company: int) -> ConductPolicy | None:
    """The version written last, approved or not. One query."""
    return ConductPolicy.objects.filter(company=company).order_by("-version").first()


def policy_in_force(company: int) -> ConductPolicy | None:
    """The version that customers read. One query."""
    rows = ConductPolicy.objects.filter(company=company, approved_at__isnull=False)
    return rows.order_by("-version").first()


def versions_of(company: int) -> list[ConductPolicy]:
    """All versions, the newest first. One query."""
    rows = ConductPolicy.objects.filter(company=company).select_related("written_by", "approved_by")
    return list(rows.order_by("-version")[:MOST_VERSIONS])


def policy_of(slug: str, version: int | None) -> tuple[ConductPolicy, bool]:
    """What anybody reads under a company's short name, that version or the one in force; and whether it is in force.

    Raises NotFound for a company without one, and for a version that was never approved. Visitors name a company before
    any is known, so it looks everywhere and gives away only this one row.
    """
    with scope.everywhere(reason="a visitor knows only the company's short name"):
        rows = ConductPolicy.objects.filter(company__slug=slug, approved_at__isnull=False)
        newest = rows.select_related("company").order_by("-version").first()
        found = rows.select_related("company").filter(version=version).first() if version else newest
    if found is None or newest is None:
        raise NotFound(slug)
    return found, found.pk == newest.pk


def conduct_link(company: Company) -> str:
    """The address of what customers read; empty where they read nothing. One query."""
    return conduct_address(company) if policy_in_force(company.pk) else ""


def conduct_address(company: Company) -> str:
    """The same of a company of which it is known that they read something. No query."""
    return _address("portal:conduct", company.slug)


def quotation(company: Company, *, language: str) -> str:
    """What a warning quotes of the policy in force, and where it can be read; empty where there is none. One query."""
    found = policy_in_force(company.pk)
    if found is None:
        return ""
    link = _address("portal:conduct_version", company.slug, found.version)
    with override(language or "ja"):
        words = _("Our policy on harassment by customers, version %(version)s") % {"version": found.version}
        return "\n".join(filter(None, (words, found.quoted and f"「{found.quoted}」", link)))


def _address(page: str, *where: object) -> str:
    return urljoin(settings.BASE_URL, reverse(page, args=where))
