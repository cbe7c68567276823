"""What pyproject.toml cannot say: the catalogues of translations are compiled when the package is built."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithWords(build_py):
    """Everything that is copied into the package, and beside each catalogue its compiled form."""

    def run(self) -> None:
        super().run()
        for catalogue in Path(self.build_lib).rglob("locale/*/LC_MESSAGES/django.po"):
            with catalogue.open("rb") as text, catalogue.with_suffix(".mo").open("wb") as binary:
                write_mo(binary, read_po(text))


setup(cmdclass={"build_py": BuildWithWords})
