"""Section 3.2: passwords."""

import sys
import unicodedata
from typing import NamedTuple

from .conventions import characters
from .errors import Refused

WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_DASHES = "\u2212" + "".join(
    chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Pd"
)


class Password(NamedTuple):
    access: str
    secret: str

    @property
    def text(self) -> str:
        """The password in its normal form."""
        return f"{self.access}-{self.secret}"


def read_password(text: str) -> Password:
    if characters(text) > 512:
        raise Refused("too long for a password")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    words = _split(folded.strip(WHITE_SPACE))
    if len(words) < 5:
        raise Refused("a password has at least five words")
    for word in words:
        if not word or characters(word) > 63:
            raise Refused("an empty or too long word in a password")
        if any(unicodedata.category(character)[0] not in "LN" for character in word):
            raise Refused("a password has letters, numbers, and hyphens between words only")
    if characters("-".join(words)) > 512:
        raise Refused("too long for a password")
    return Password("-".join(words[:2]), "-".join(words[2:]))


def _split(text: str) -> "list[str]":
    """Splits at every run of white space and dashes, mixed as they may be."""
    words, in_run = [""], False
    for character in text:
        is_separator = character in WHITE_SPACE or character in _DASHES
        if is_separator and not in_run:
            words.append("")
        elif not is_separator:
            words[-1] += character
        in_run = is_separator
    return words
