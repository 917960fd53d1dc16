"""Which program a name or a path means, and what the line of a shell runs."""

import fnmatch
import os
import re
import shlex

from appstore import paths

#: Where programs of the system are; the first one with the name counts.
DIRECTORIES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
SHELLS = ("sh", "bash")

_OPERATORS = {"&&", "||", ";", "|", "|&", "&"}
_REDIRECTIONS = {">", ">>", "<", ">|", "&>", ">&", "&>>"}
_KEYWORDS = set(
    "if then else elif fi for do done while until case esac in function select time coproc { } ! [[".split()
)
#: Of the shell itself, and harmless.
_BUILTINS = set("[ test true false : echo printf cd exit umask wait".split())
_DANGEROUS = set("eval exec source . command builtin trap alias".split())


def locate(command, declared, roots):
    """(allowed, path) of a program. A declared name means the program of that name in the system's directories or below
    a path that is declared too; a declared path or pattern with `/` means that path."""
    if not command or "\0" in command:
        return False, command
    if "/" not in command:
        found = next((f"{d}/{command}" for d in DIRECTORIES if os.access(f"{d}/{command}", os.X_OK)), None)
        allowed = command in declared or found is not None and _by_path(found, declared)
        return allowed, found or f"{DIRECTORIES[-2]}/{command}"
    path = os.path.normpath(command)
    if not path.startswith("/") or path != command.rstrip("/"):
        return False, command
    directory = os.path.realpath(os.path.dirname(path))
    trusted = directory in {os.path.realpath(d) for d in DIRECTORIES}
    below = any(paths.is_within(directory, root) for root in roots)
    named = os.path.basename(path) in declared and (trusted or below)
    return named or _by_path(path, declared), path


def _by_path(path, declared):
    return any("/" in entry and " " not in entry and fnmatch.fnmatchcase(path, entry) for entry in declared)


def of_line(line):
    """(programs, files) that a line of shell runs and writes. ValueError for what cannot be told by reading it."""
    if re.search(r"[`\n\r\0]|\$[('\"]|[<>]\(|<<", line):
        raise ValueError("command substitution, here-documents and several lines are not understood")
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.commenters = ""
    lexer.wordchars += "$!{}@%^,:[]+\\"
    programs, files, expected, target = [], [], True, None
    for word in lexer:
        if word in _OPERATORS:
            expected, target = True, None
        elif word in _REDIRECTIONS:
            target = word
        elif set(word) <= set("();<>|&"):
            raise ValueError(f"{word} is not understood")
        elif target is not None:
            if target != "<" and not (target == ">&" and word.isdigit()):
                files.append(_plain(word))
            target = None
        elif expected and re.fullmatch(r"[A-Za-z_]\w*\+?=.*", word):
            if re.match(r"(PATH|IFS|ENV|BASH_\w+|LD_\w+|PYTHON\w+)\+?=", word):
                raise ValueError(f"{word.partition('=')[0]} may not be set")
        elif expected:
            if word in _KEYWORDS or word in _DANGEROUS:
                raise ValueError(f"{word} is not understood")
            if word not in _BUILTINS:
                programs.append(_plain(word))
            expected = False
    return programs, [file for file in files if file not in ("/dev/null", "/dev/stdout", "/dev/stderr")]


def _plain(word):
    if re.search(r"[$*?\[\]{}~\\]", word):
        raise ValueError(f"{word} is known only when it runs")
    return word
