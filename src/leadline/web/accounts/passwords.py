"""What a password has to be, in our words: said before somebody types one, and again where one is refused.

Django's validators decide (`AUTH_PASSWORD_VALIDATORS`); each of their refusals has a sentence here.
"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from leadline.web.accounts.models import User

RULES = (
    "At least 10 characters. Not your name or your address, and none of the passwords that many people use. "
    "A few words that do not belong together are easy to remember and hard to guess."
)
_REFUSED = {
    "password_too_short": "This is too short: take at least %(min_length)d characters.",
    "password_too_similar": "This is too much like your name or your address, which others know. Take another.",
    "password_too_common": "Many people use this one, so it is tried first by whoever guesses. Take another.",
}


def check_password(password: str, user: User) -> None:
    """Refuse a password that others would guess.

    Args:
        password: as it was typed.
        user: whose it is to be; saved or not, their name and address are looked at.

    Raises:
        ValidationError: everything that is wrong with it, in our words.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError([_in_our_words(one) for one in error.error_list]) from None


def _in_our_words(error: ValidationError) -> ValidationError:
    words = _REFUSED.get(error.code or "", error.message)
    return ValidationError(words, code=error.code, params=error.params)
