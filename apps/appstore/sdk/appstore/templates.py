"""Templates: `$name` and `${name}`, `$$` for a dollar, `{{#name}}…{{/name}}` if true, `{{^name}}…{{/name}}` if not."""

import re
import string

_SECTION = re.compile(r"\{\{([#^])\s*(\w+)\s*\}\}((?:(?!\{\{[#^]).)*?)\{\{/\s*\2\s*\}\}", re.S)
_LEFT = re.compile(r"\{\{[#^/]\s*(\w+)\s*\}\}")
_ALONE = re.compile(r"^[ \t]*(\{\{[#^/]\s*\w+\s*\}\})[ \t]*\n", re.M)
#: Text beyond this is no configuration file.
LONGEST = 4_000_000


def render(template, variables):
    """The text with sections kept or left out, innermost first, then names replaced. Unknown names stay as they are."""
    if len(template) > LONGEST:
        raise ValueError("a template has at most 4,000,000 characters")
    # A tag that stands alone on its line takes the line with it.
    text, again = _ALONE.sub(r"\1", template), 1
    while again:
        text, again = _SECTION.subn(lambda found: _section(found, variables), text)
    left = [found for found in _LEFT.finditer(text) if found.group(1) in variables]
    if left:
        raise ValueError(f"section {left[0].group(0)} has no other end")
    return string.Template(text).safe_substitute(_Words(variables))


def _section(found, variables):
    wanted = _is_true(variables.get(found.group(2))) == (found.group(1) == "#")
    if not wanted:
        return ""
    return found.group(3)


def _is_true(value):
    return value.strip().lower() not in ("", "false") if isinstance(value, str) else bool(value)


class _Words(dict):
    """Booleans as configuration files write them."""

    def __getitem__(self, key):
        value = super().__getitem__(key)
        return ("true" if value else "false") if isinstance(value, bool) else value
