"""Invented personal data to plant in failures, and the search for what of it came out."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterable
from dataclasses import dataclass, field

_NAMES = ("Анна", "Пётр", "Оля-Мария", "Anna", "Zoë", "O'Neil", "Жанна Д'Арк", 'Jean "Bo" Roux', "Мин, Ли (мл.)")


@dataclass
class Planted:
    """Makes personal texts, none of them twice, and remembers them."""

    random: random.Random
    texts: list[str] = field(default_factory=list)

    def phone(self) -> str:
        """A phone in one of the forms in which people write them."""
        n = self.random.randrange(10**4)
        a, b = divmod(n, 100)
        return self._kept(
            self.random.choice(
                (f"8000555{n:04}", f"7000555{n:04}", f"+7 (000) 555-{a:02}-{b:02}", f"+7-000-555-{a:02}-{b:02}")
            )
        )

    def name(self) -> str:
        """A first name, with quotes, commas or brackets in some, and a surname of its own."""
        letters = self.random.choice(("абвгдежзиклмнопрст", string.ascii_lowercase))
        surname = "".join(self.random.choices(letters, k=9)).capitalize()
        return self._kept(f"{self.random.choice(_NAMES)} {surname}")

    def email(self) -> str:
        """An e-mail address."""
        return self._kept(f"{''.join(self.random.choices(string.ascii_lowercase, k=8))}@example.com")

    def password(self) -> str:
        """A password with the characters that tear texts apart."""
        return self._kept("Pw" + "".join(self.random.choices(string.ascii_letters + string.digits + "/:'#%(!", k=14)))

    def dsn(self) -> str:
        """A libpq URI or key/value string with a password in it."""
        secret = self.password()
        if self.random.random() < 0.5:
            return f"postgresql://app:{secret}@db.example.com:5432/app"
        escaped = secret.replace("'", "\\'")
        self._kept(escaped)
        return f"host=db.example.com user=app password='{escaped}' dbname=app"

    def any(self) -> str:
        """One of all these."""
        return self.random.choice((self.phone, self.name, self.email, self.password, self.dsn))()

    def _kept(self, text: str) -> str:
        self.texts.append(text)
        return text


def digits(text: str) -> str:
    """The digits of a text, one after another."""
    return "".join(character for character in text if character.isdecimal())


def surviving(texts: Iterable[str], shown: str) -> list[str]:
    """The texts that can be read in what is shown: as they are, JSON-escaped, or a phone's digits one after another."""
    shown_digits = digits(shown)
    found = []
    for text in texts:
        forms = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
        number = digits(text)
        is_phone = len(number) == 11 and "000555" in number
        if any(form in shown for form in forms) or (is_phone and number[1:] in shown_digits):
            found.append(text)
    return found
