"""What is told of LINE accounts."""

from madoguchi.channels.line.events import LineNearlySpent
from madoguchi.following.actions import tell_of_knowledge
from madoguchi.following.knowledge import approvers_of
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to


@reacts_to(LineNearlySpent, name="channels.line_tell")
def tell_of_quota(event: Recorded) -> None:
    """Tell who decides for the company, before answers in LINE stop for this month: the account is its own."""
    tell_of_knowledge(event, approvers_of(event.company))
