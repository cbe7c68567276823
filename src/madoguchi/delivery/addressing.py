"""Whether an answer goes by itself to where a mail wishes it, and whether that is the customer at all.

Anybody can write a mail in the name of another, with a wish for the answer to go to themselves.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from madoguchi.cases.models import Case, Contact, Message
from madoguchi.customers.models import Customer, Identity
from madoguchi.kernel.identity import IdentityKind, canonical

# Whoever likes has an address there: that two are of one such domain says nothing.
_PROVIDERS = (
    "gmail.com googlemail.com yahoo.co.jp yahoo.com ymail.com ymail.ne.jp outlook.com outlook.jp hotmail.com"
    " hotmail.co.jp live.com live.jp msn.com icloud.com me.com mac.com aol.com aol.jp docomo.ne.jp ezweb.ne.jp"
    " au.com softbank.ne.jp i.softbank.jp vodafone.ne.jp disney.ne.jp ymobile.ne.jp ymobile1.ne.jp y-mobile.ne.jp"
    " willcom.com pdx.ne.jp wcm.ne.jp emnet.ne.jp uqmobile.jp rakuten.jp rakumail.jp mineo.jp excite.co.jp goo.jp"
    " infoseek.jp livedoor.com nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp plala.or.jp dion.ne.jp odn.ne.jp"
    " asahi-net.or.jp gmx.com gmx.de gmx.net web.de t-online.de orange.fr free.fr laposte.net libero.it mail.ru"
    " yandex.ru qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net proton.me"
    " protonmail.com zoho.com mail.com tutanota.com fastmail.com"
)
_OPEN_TO_ALL = frozenset(_PROVIDERS.split())
# A customer's record and the mail that makes it are written in one go.
_IN_ONE_GO = timedelta(minutes=1)


def follows_wish(case: Case, said: Message) -> bool:
    """Whether an answer to what the customer said goes where that asks for it: at the sender's own domain; elsewhere
    only when our mail server found the mail authentic, when the mail is the first that we ever knew of its sender, as
    with services that pass on a form, or when the address is known as this customer's or has been answered in this
    case. No query, unless it asks for an address that may be anybody's; then up to three.
    """
    foreign = _foreign(said)
    if not foreign or is_authentic(said):
        return True
    known = identities_of(case)
    return foreign <= known or _made_its_customer(case, said) or foreign <= known | answered_in(case)


def identities_of(case: Case) -> set[str]:
    """The mail addresses that are known as this customer's, in canonical form. One query."""
    own = Identity.objects.filter(customer_id=case.customer_id, kind=IdentityKind.EMAIL)
    return set(own.values_list("value", flat=True))


def answered_in(case: Case) -> set[str]:
    """The mail addresses to which somebody of ours has written in this case, in canonical form. One query."""
    ours = case.messages.filter(author=Message.Author.STAFF).order_by()
    sent: Iterable[tuple[list[Mapping[str, str]], ...]] = ours.values_list("to", "cc", "bcc")
    return {_canonical(party["address"]) for lines in sent for parties in lines for party in parties}


def is_authentic(said: Message) -> bool:
    """Whether our mail server found that a mail is from where its address says, by more than the way it came."""
    trust = said.trust or {}
    return trust.get("authentication") == "pass" and "pass" in (trust.get("dmarc"), trust.get("dkim"))


def is_foreign(said: Message) -> bool:
    """Whether a mail asks for answers at an address that may be anybody's: of another domain than its sender's, or of
    a provider where everybody may have one.
    """
    return bool(_foreign(said))


def _foreign(said: Message) -> set[str]:
    sender = _canonical(said.sender_address)
    own = sender.rpartition("@")[2]
    wished = {_canonical(party["address"]) for party in said.reply_to} - {sender}
    return wished if own in _OPEN_TO_ALL else {a for a in wished if a.rpartition("@")[2] != own}


def _made_its_customer(case: Case, said: Message) -> bool:
    before = Q(at__lt=said.at) | Q(pk__lt=said.contact_id)
    earlier = Contact.objects.filter(before, customer=OuterRef("pk")).exclude(pk=said.contact_id)
    # One that is younger than the mail was made by a person, who gave the case to it.
    in_one_go = {"created_at__gt": said.at - _IN_ONE_GO, "created_at__lte": said.at}
    made = Customer.objects.filter(pk=case.customer_id, **in_one_go)
    return made.exclude(Exists(earlier)).exists()


def _canonical(address: str) -> str:
    return canonical(IdentityKind.EMAIL, address)
