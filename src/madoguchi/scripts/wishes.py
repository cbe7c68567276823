"""How a step is said to a customer, by what they wish. Pure."""

from madoguchi.customers.models import Customer
from madoguchi.knowledge.steps import Step


def wants_plain(customer: Customer) -> bool:
    """Whether they wish to be spoken with in plain words, or slowly: what is said plainly is short, too."""
    return customer.detail == Customer.Detail.PLAIN or customer.pace == Customer.Pace.SLOW


def said_to(customer: Customer, step: Step) -> str:
    """What is said to them at a step: its plain words where they wish those and there are any."""
    return step.plain if step.plain and wants_plain(customer) else step.said
