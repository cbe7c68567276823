"""Mails that are wrong in one way each, and what is to be read in them all the same.

A new trick is a `Crooked` in the module of its kind. All are made up here; none was ever sent.
"""

from madoguchi.channels.email.tests.crooked.case import Crooked, said
from madoguchi.channels.email.tests.crooked.files import FILES
from madoguchi.channels.email.tests.crooked.gateways import GATEWAYS
from madoguchi.channels.email.tests.crooked.heads import HEADS
from madoguchi.channels.email.tests.crooked.letters import LETTERS
from madoguchi.channels.email.tests.crooked.phones import PHONES
from madoguchi.channels.email.tests.crooked.shapes import SHAPES

ALL: list[Crooked] = [*HEADS, *LETTERS, *SHAPES, *FILES, *GATEWAYS, *PHONES]

__all__ = ["ALL", "Crooked", "said"]
