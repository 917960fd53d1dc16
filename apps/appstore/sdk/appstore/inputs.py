"""Typed values of an app's inputs."""

from appstore import events
from appstore.errors import InputError

_YES = {"true", "yes", "on", "1"}
_NO = {"false", "no", "off", "0", ""}


class AppInputs:
    """Inputs by key, as string, number or boolean whatever they were sent as. Missing and None give the default."""

    def __init__(self, values=None, secrets=()):
        self._values = dict(values or {})
        self._secrets = set(secrets)
        for key in self._secrets:
            if self._values.get(key) not in (None, ""):
                events.redactor.add(self._values[key])

    def _value(self, key, default):
        value = self._values.get(key)
        return default if value is None else value

    def string(self, key, default=""):
        """Text; booleans become `true` and `false`."""
        value = self._value(key, default)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return value if value is None else str(value)

    def integer(self, key, default=0):
        """A whole number; empty text gives the default."""
        value = self._value(key, default)
        if value == "":
            value = default
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if number != number or not number.is_integer() or isinstance(value, bool):
            raise InputError(f"input {key} is not a whole number")
        return int(value) if isinstance(value, str) and value.strip().lstrip("+-").isdigit() else int(number)

    def number(self, key, default=0.0):
        """A number."""
        value = self._value(key, default)
        try:
            return float(default if value == "" else value)
        except (TypeError, ValueError):
            raise InputError(f"input {key} is not a number") from None

    float = number

    def boolean(self, key, default=False):
        """True or False."""
        value = self._value(key, default)
        if isinstance(value, bool):
            return value
        text = str(value).strip().lower()
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise InputError(f"input {key} is neither true nor false")

    bool = boolean

    def secret(self, key, default=""):
        """Text that is masked in everything that is told from now on."""
        value = self.string(key, default)
        if value:
            events.redactor.add(value)
        return value

    def get(self, key, default=None):
        """The value as it was sent."""
        return self._value(key, default)

    def has(self, key):
        """Whether there is a value that is not empty."""
        return self._values.get(key) not in (None, "")

    __contains__ = has

    def __getitem__(self, key):
        return self._values[key]

    def keys(self):
        return self._values.keys()

    def __repr__(self):
        return f"AppInputs({sorted(self._values)})"
