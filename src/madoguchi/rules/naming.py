"""The name under which a rule acts, in the log and on screen."""

from django.utils.translation import gettext as _

from madoguchi.kernel.actor import Actor, system
from madoguchi.rules.models import Rule

_PREFIX, _POLICY, _GRAVE = "rule:", "policy:", "grave words"


def actor_for(rule: Rule) -> Actor:
    """The product, acting by this rule."""
    return system(f"{_PREFIX}{rule.name}")


def policy_actor(policy: str) -> Actor:
    """The product, acting by a policy of service levels."""
    return system(f"{_POLICY}{policy}")


def spoken(actor_name: str) -> str:
    """What a part of the product that acted is called where it was a rule, a policy or the watch for grave words; else
    its name as it is.
    """
    if actor_name.startswith(_POLICY):
        return _("the policy “%(name)s”") % {"name": actor_name.removeprefix(_POLICY)}
    if actor_name == _GRAVE:
        return _("the watch for grave words")
    if not actor_name.startswith(_PREFIX):
        return actor_name
    return _("the rule “%(name)s”") % {"name": actor_name.removeprefix(_PREFIX)}


def cause_of(rule: Rule, depth: int) -> str:
    """What every event names that a rule brought about, as so many rules in a row."""
    return f"{_PREFIX}{rule.pk}:{depth}"


def chain_of(cause: str) -> tuple[int, int]:
    """The rule that brought an event about and how many rules in a row led there; (0, 0) where none did."""
    prefix, _colon, rest = cause.partition(":")
    rule, _colon, depth = rest.partition(":")
    if f"{prefix}:" != _PREFIX or not (rule.isdecimal() and depth.isdecimal()):
        return 0, 0
    return int(rule), int(depth)
