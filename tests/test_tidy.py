# SPDX-License-Identifier: BSD-2-Clause
"""The house rules, checked over the whole tree (CONTRIBUTING.md says why they are as they are).

A rule is a function from one source file to its violations. Every rule is itself tested on a
snippet that breaks it and on one that keeps it, so that no rule can pass because it looks at
nothing. Strings that would break a rule are put together from pieces, so that this file obeys.
"""

import ast
import os
import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from textwrap import indent
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent

FILE_LINES_MAX: Final = 800
FUNCTION_LINES_MAX: Final = 70
FUNCTION_LINES_P95_MAX: Final = 60
FUNCTION_LINES_MEDIAN_MAX: Final = 11

#: Files that may be longer than FILE_LINES_MAX because they are one table: path -> reason.
LONG_TABLES: Final[dict[str, str]] = {}

#: What each tree may import from the project: the first matching prefix decides.
IMPORT_DIRECTIONS: Final = {
    "sel4emu/cli/": ("sel4emu", "kernel", "userland", "boards"),
    "sel4emu/": ("sel4emu",),
    "kernel/": ("kernel", "sel4emu.asm", "sel4emu.errors"),
    "userland/": ("userland", "kernel.abi", "sel4emu.errors"),
    "boards/": (),
    "oracle/": ("oracle", "sel4emu"),
    "benchmarks/": ("benchmarks", "sel4emu", "kernel", "userland", "boards"),
    "tests/": ("tests", "benchmarks", "oracle", "sel4emu", "kernel", "userland", "boards"),
}
OUR_PACKAGES: Final = frozenset(
    {"sel4emu", "kernel", "userland", "boards", "benchmarks", "oracle", "tests"}
)

#: Tests that mirror no single source file: path or folder -> reason.
TESTS_WITHOUT_MIRROR: Final = {
    "tests/test_tidy.py": "looks at the whole tree",
    "tests/test_lint.py": "runs ruff and mypy on the whole tree",
    "tests/system/": "boots whole images through the command line",
    "tests/equivalence/": "holds the assembly against the Python kernel",
    "tests/kernel/requirements/": "one file for each group of the thesis's requirements",
    "tests/random/": "generated programs and scripts",
    "tests/golden/": "the manual's timing, measured on the board",
}

HASH_SPDX: Final = "# SPDX-License-Identifier: BSD-2-Clause"
C_SPDX: Final = "/* SPDX-License-Identifier: BSD-2-Clause */"
ML_SPDX: Final = "(* SPDX-License-Identifier: BSD-2-Clause *)"
SPDX_LINES: Final = {
    ".py": HASH_SPDX,
    "Makefile": HASH_SPDX,
    "run": HASH_SPDX,
    ".c": C_SPDX,
    ".h": C_SPDX,
    ".S": C_SPDX,
    ".s": C_SPDX,
    ".ld": C_SPDX,
    ".v": ML_SPDX,
    ".ml": ML_SPDX,
}
TEXT_KINDS: Final = frozenset({*SPDX_LINES, ".exp", ".toml", ".md", ".txt", "LICENSE"})
SKIPPED_FOLDERS: Final = frozenset({"build", "dist", "__pycache__"})

MACHINE_PATH: Final = re.compile(r"(?<![\w.)\]}>])/(?:work|root|home)(?=/|\b)")
UNFINISHED: Final = re.compile(rf"\b(?:{'TO' + 'DO'}|{'FIX' + 'ME'}|{'X' * 3})\b")
TRACKER: Final = re.compile(r"\bissue #\d+", re.IGNORECASE)
C_FUNCTION: Final = re.compile(r"^\w[^;={}]*\)\s*\{\n.*?^\}", re.MULTILINE | re.DOTALL)
RELATIVE_LINK: Final = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the project, and its text."""

    path: str
    text: str

    @property
    def kind(self) -> str:
        """The suffix, or the whole name of a file that has none."""
        path = PurePosixPath(self.path)
        return path.suffix or path.name

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; empty where this is not Python."""
        return ast.parse(self.text if self.kind == ".py" else "")

    def functions(self) -> Iterator[Function]:
        """Every function of a Python file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def line_of(self, offset: int) -> int:
        """The number of the line at a character offset."""
        return self.text.count("\n", 0, offset) + 1


Rule = Callable[[Source], Iterator[str]]


def walk_tree() -> Iterator[Path]:
    """Every text file of the project."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED_FOLDERS
            and not name.endswith(".egg-info")
            and (name == ".ci" or not name.startswith("."))
        )
        for name in sorted(names):
            path = Path(folder, name)
            if (path.suffix or name) in TEXT_KINDS:
                yield path


@cache
def all_sources() -> tuple[Source, ...]:
    """The whole project, read once."""
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in walk_tree()
    )


def imported_names(source: Source) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, candidates) of each import; one allowed candidate makes it allowed.

    `from a import b` may mean the module a.b or a name in a, hence two candidates.
    """
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, (alias.name,)
        elif isinstance(node, ast.ImportFrom):
            module = absolute_module(source, node)
            for alias in node.names:
                yield node.lineno, (module, f"{module}.{alias.name}")
        elif isinstance(node, ast.Call) and called_name(node) in {"import_module", "__import__"}:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, (argument.value,)


def absolute_module(source: Source, node: ast.ImportFrom) -> str:
    """The module that a `from` import names, with leading dots resolved."""
    if not node.level:
        return node.module or ""
    package = PurePosixPath(source.path).parts[: -node.level]
    return ".".join((*package, *filter(None, [node.module])))


def called_name(node: ast.Call) -> str:
    """The last name of what is called: `sleep` for `time.sleep(1)`."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of the packages or lies inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def in_tests(source: Source) -> bool:
    """Whether a file belongs to the tests."""
    return source.path.startswith("tests/")


# --------------------------------------------------------------------------------------------
# The rules
# --------------------------------------------------------------------------------------------


def licence_line(source: Source) -> Iterator[str]:
    """A source file begins with its SPDX line (a script may have its interpreter before it)."""
    expected = SPDX_LINES.get(source.kind)
    if expected is None:
        return
    lines = source.text.splitlines() or [""]
    if lines[0].startswith("#!"):
        lines = lines[1:] or [""]
    if lines[0] != expected:
        yield f"1: the first line must be `{expected}`"


def module_docstring(source: Source) -> Iterator[str]:
    """A module says what it is for."""
    if source.kind == ".py" and not ast.get_docstring(source.tree):
        yield "1: the module has no docstring that says what it is for"


def modelled_paragraphs(source: Source) -> Iterator[str]:
    """A device or timing module says what it models and what it does not."""
    path = PurePosixPath(source.path)
    if source.kind != ".py" or path.parts[0] != "sel4emu" or path.name == "__init__.py":
        return
    if not {"devices", "timing"} & {*path.parts[:-1], path.stem}:
        return
    docstring = ast.get_docstring(source.tree) or ""
    for heading in ("Modelled:", "Not modelled:"):
        if not re.search(rf"^{heading}", docstring, re.MULTILINE):
            yield f"1: the module docstring has no paragraph `{heading}`"


def file_length(source: Source) -> Iterator[str]:
    """A file stays below the limit, unless it is one table."""
    lines = len(source.text.splitlines())
    if lines > FILE_LINES_MAX and source.kind != ".md" and source.path not in LONG_TABLES:
        yield f"{lines}: the file has more than {FILE_LINES_MAX} lines; split it by concept"


def python_function_lines(source: Source) -> Iterator[tuple[int, str, int]]:
    """(line, name, length in lines) of each Python function, decorators left out."""
    for function in source.functions():
        assert function.end_lineno is not None
        yield function.lineno, function.name, function.end_lineno - function.lineno + 1


def c_function_lines(source: Source) -> Iterator[tuple[int, str, int]]:
    """(line, first line, length in lines) of each C function that begins in the first column."""
    if source.kind in {".c", ".h"}:
        for match in C_FUNCTION.finditer(source.text):
            text = match.group()
            yield source.line_of(match.start()), text.splitlines()[0], text.count("\n") + 1


def function_length(source: Source) -> Iterator[str]:
    """No function is longer than a screen."""
    for line, name, length in (*python_function_lines(source), *c_function_lines(source)):
        if length > FUNCTION_LINES_MAX:
            yield f"{line}: `{name}` has {length} lines; the limit is {FUNCTION_LINES_MAX}"


def import_direction(source: Source) -> Iterator[str]:
    """Dependencies point down only."""
    prefix = next((name for name in IMPORT_DIRECTIONS if source.path.startswith(name)), None)
    if prefix is None:
        return
    allowed = IMPORT_DIRECTIONS[prefix]
    for line, candidates in imported_names(source):
        if candidates[0].split(".")[0] not in OUR_PACKAGES:
            continue
        if not any(is_within(name, allowed) for name in candidates):
            may = ", ".join(allowed) or "nothing"
            yield f"{line}: `{candidates[-1]}` is imported, but {prefix} may import {may} only"


def no_machine_path(source: Source) -> Iterator[str]:
    """No file names a folder of the machine it was written on."""
    for match in MACHINE_PATH.finditer(source.text):
        yield f"{source.line_of(match.start())}: `{match.group()}` is a path of one machine"


def nothing_unfinished(source: Source) -> Iterator[str]:
    """Nothing is marked as still to be done, and no ticket has to be looked up."""
    for pattern, what in ((UNFINISHED, "marks unfinished work"), (TRACKER, "names a ticket")):
        for match in pattern.finditer(source.text):
            yield f"{source.line_of(match.start())}: `{match.group()}` {what}"


def no_stub(source: Source) -> Iterator[str]:
    """No function exists only to say that it does not."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in {"NotImplementedError", "NotImplemented"}:
            yield f"{node.lineno}: `{node.id}` stands where the work should be"


def no_broad_except(source: Source) -> Iterator[str]:
    """An except clause names what it expects."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = {name.id for name in ast.walk(node.type or node) if isinstance(name, ast.Name)}
        if node.type is None or caught & {"Exception", "BaseException"}:
            yield f"{node.lineno}: this clause catches everything; name what you expect"


def no_sleep(source: Source) -> Iterator[str]:
    """Nothing waits for the wall clock."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) == "sleep":
            yield f"{node.lineno}: a sleep; wait for the event itself"


def no_skipped_test(source: Source) -> Iterator[str]:
    """A test runs or does not exist."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "importorskip"}:
            yield f"{node.lineno}: `{node.attr}` lets a test pass unseen"


def links_resolve(source: Source) -> Iterator[str]:
    """A link in a document leads to a file of the project."""
    if source.kind != ".md":
        return
    for match in RELATIVE_LINK.finditer(source.text):
        if not (ROOT / source.path).parent.joinpath(match.group(1)).exists():
            yield f"{source.line_of(match.start())}: the link to `{match.group(1)}` leads nowhere"


def every_test_claims(source: Source) -> Iterator[str]:
    """A test's docstring is its claim."""
    if not in_tests(source):
        return
    for function in source.functions():
        if function.name.startswith("test_") and not ast.get_docstring(function):
            yield f"{function.lineno}: `{function.name}` has no docstring that states its claim"


def is_exempt(path: str, exemptions: Iterable[str]) -> bool:
    """Whether a table of exemptions names a file or a folder that it lies in."""
    return any(
        path.startswith(entry) if entry.endswith("/") else path == entry for entry in exemptions
    )


def lacks_mirror(path: str) -> bool:
    """Whether this is a test of no single source file."""
    place = PurePosixPath(path)
    if place.parts[0] != "tests" or not place.name.startswith("test_"):
        return False
    mirrored = ROOT.joinpath(*place.parts[1:-1], place.stem.removeprefix("test_"))
    return not mirrored.is_dir() and not any(mirrored.parent.glob(f"{mirrored.name}.*"))


def every_test_mirrors(source: Source) -> Iterator[str]:
    """`tests/a/b/test_c.py` tests `a/b/c.*` or the package `a/b/c`."""
    if lacks_mirror(source.path) and not is_exempt(source.path, TESTS_WITHOUT_MIRROR):
        name = PurePosixPath(source.path).stem.removeprefix("test_")
        yield f"1: there is no source file `{name}.*` that this test would belong to"


RULES: Final[tuple[Rule, ...]] = (
    licence_line,
    module_docstring,
    modelled_paragraphs,
    file_length,
    function_length,
    import_direction,
    no_machine_path,
    nothing_unfinished,
    no_stub,
    no_broad_except,
    no_sleep,
    no_skipped_test,
    links_resolve,
    every_test_claims,
    every_test_mirrors,
)


# --------------------------------------------------------------------------------------------
# The tree obeys
# --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_tree_obeys(rule: Rule) -> None:
    """No file of the project breaks the rule."""
    broken = [f"{source.path}:{found}" for source in all_sources() for found in rule(source)]
    assert not broken, "\n".join([rule.__doc__ or rule.__name__, *broken])


def test_functions_are_small_on_the_whole() -> None:
    """The median function and all but the longest twentieth stay within the house's measure."""
    lengths = [
        length
        for source in all_sources()
        if not in_tests(source)
        for _, _, length in python_function_lines(source)
    ]
    assert statistics.median(lengths) <= FUNCTION_LINES_MEDIAN_MAX
    assert statistics.quantiles(lengths, n=20)[-1] <= FUNCTION_LINES_P95_MAX


def test_the_walk_sees_the_tree() -> None:
    """The rules are applied to every kind of file, and to nothing that was not written here."""
    paths = {source.path for source in all_sources()}
    assert {"Makefile", ".ci/run", "kernel/abi.py", "tests/test_tidy.py", "README.md"} <= paths
    assert not [path for path in paths if "site-packages" in path or path.startswith(".git/")]


def test_exemptions_are_needed() -> None:
    """Every exemption names a file that exists and breaks the rule it is exempt from."""
    broken: tuple[tuple[Iterable[str], Callable[[Source], bool]], ...] = (
        (LONG_TABLES, lambda source: len(source.text.splitlines()) > FILE_LINES_MAX),
        (TESTS_WITHOUT_MIRROR, lambda source: lacks_mirror(source.path)),
    )
    for exemptions, breaks in broken:
        paths = [source.path for source in all_sources() if breaks(source)]
        stale = [entry for entry in exemptions if not any(is_exempt(at, [entry]) for at in paths)]
        assert not stale, f"exempt from a rule that they keep: {stale}"


# --------------------------------------------------------------------------------------------
# The rules see what they are for
# --------------------------------------------------------------------------------------------

LONG_FUNCTION: Final = "def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX
LONG_METHOD: Final = "class A:\n" + indent(f"async {LONG_FUNCTION}", "    ")
LONG_C_FUNCTION: Final = "int f(void) {\n" + "    x();\n" * FUNCTION_LINES_MAX + "}\n"
NOT_MODELLED: Final = '"""A clock.\n\nModelled: it runs.\n\nNot modelled: drift.\n"""'

#: (rule, path, text that breaks it)
BAD: Final[tuple[tuple[Rule, str, str], ...]] = (
    (licence_line, "kernel/a.py", ""),
    (licence_line, "kernel/a.py", f"\n{HASH_SPDX}\n"),
    (licence_line, "kernel/a.py", f"{C_SPDX}\n"),
    (licence_line, "userland/a.S", f"{HASH_SPDX}\n"),
    (licence_line, "kernel/model/proofs/a.v", f"{C_SPDX}\n"),
    (licence_line, "kernel/model/proofs/a.ml", ""),
    (licence_line, ".ci/run", "#!/bin/sh\necho\n"),
    (module_docstring, "kernel/a.py", "import os\n"),
    (modelled_paragraphs, "sel4emu/devices/clock.py", '"""A clock.\n\nNot modelled: drift."""'),
    (modelled_paragraphs, "sel4emu/devices/clock.py", '"""A clock.\n\nModelled: it runs."""'),
    (modelled_paragraphs, "sel4emu/timing/tlb.py", "x = 1\n"),
    (file_length, "kernel/a.py", "x = 1\n" * (FILE_LINES_MAX + 1)),
    (function_length, "kernel/a.py", LONG_FUNCTION),
    (function_length, "kernel/a.py", LONG_METHOD),
    (function_length, "userland/a.c", LONG_C_FUNCTION),
    (function_length, "userland/a.c", LONG_C_FUNCTION.replace("(void)", "(int a,\n      int b)")),
    (import_direction, "sel4emu/machine.py", "import kernel.abi\n"),
    (import_direction, "sel4emu/machine.py", "def f():\n    from kernel import abi\n"),
    (import_direction, "sel4emu/machine.py", "import importlib\nimportlib.import_module('kernel')"),
    (import_direction, "kernel/cspace.py", "from sel4emu import Machine\n"),
    (import_direction, "kernel/cspace.py", "import sel4emu.machine\n"),
    (import_direction, "kernel/cspace.py", "from userland import build\n"),
    (import_direction, "userland/build.py", "from kernel import layout\n"),
    (import_direction, "userland/build.py", "import sel4emu\n"),
    (import_direction, "boards/check.py", "import sel4emu\n"),
    (import_direction, "kernel/object/a.py", "from ...sel4emu import machine\n"),
    (import_direction, "sel4emu/a.py", "import tests.conftest\n"),
    (no_machine_path, "docs/a.md", "see `/" + "home/me/notes`\n"),
    (no_machine_path, "kernel/a.py", "open('/" + "work/x')\n"),
    (no_machine_path, "kernel/a.py", "# in /" + "root\n"),
    (nothing_unfinished, "kernel/a.py", "# TO" + "DO: later\n"),
    (nothing_unfinished, "userland/a.c", "/* FIX" + "ME */\n"),
    (nothing_unfinished, "docs/a.md", "see issue " + "#12\n"),
    (no_stub, "kernel/a.py", "def f():\n    raise NotImplementedError\n"),
    (no_broad_except, "kernel/a.py", "try:\n    f()\nexcept:\n    pass\n"),
    (no_broad_except, "kernel/a.py", "try:\n    f()\nexcept Exception as e:\n    raise\n"),
    (no_broad_except, "kernel/a.py", "try:\n    f()\nexcept (OSError, BaseException):\n    pass\n"),
    (no_sleep, "kernel/a.py", "import time\ntime.sleep(1)\n"),
    (no_sleep, "kernel/a.py", "from time import sleep\nsleep(1)\n"),
    (no_skipped_test, "tests/test_a.py", "@pytest.mark.skipif(True, reason='')\ndef f(): ...\n"),
    (no_skipped_test, "tests/test_a.py", "def f():\n    pytest.skip('no')\n"),
    (links_resolve, "docs/a.md", "see [that](no/such/page.md#part)\n"),
    (every_test_claims, "tests/test_a.py", "def test_a():\n    assert f()\n"),
    (every_test_mirrors, "tests/kernel/test_no_such_module.py", ""),
    (every_test_mirrors, "tests/test_no_such_module.py", ""),
)

#: (rule, path, text that keeps it)
GOOD: Final[tuple[tuple[Rule, str, str], ...]] = (
    (licence_line, "kernel/a.py", f"{HASH_SPDX}\n"),
    (licence_line, "userland/a.h", f"{C_SPDX}\n"),
    (licence_line, "kernel/model/proofs/a.v", f"{ML_SPDX}\n"),
    (licence_line, "kernel/model/proofs/a.ml", f"{ML_SPDX}\n"),
    (licence_line, ".ci/run", f"#!/bin/sh\n{HASH_SPDX}\n"),
    (licence_line, "docs/a.md", "# A page\n"),
    (module_docstring, "kernel/a.py", '"""What it is for."""\n'),
    (modelled_paragraphs, "sel4emu/devices/clock.py", NOT_MODELLED),
    (modelled_paragraphs, "sel4emu/devices/__init__.py", '"""The devices."""'),
    (modelled_paragraphs, "tests/sel4emu/devices/test_clock.py", '"""Tests."""'),
    (file_length, "kernel/a.py", "x = 1\n" * FILE_LINES_MAX),
    (function_length, "kernel/a.py", LONG_FUNCTION.removesuffix("    x = 1\n")),
    (function_length, "userland/a.c", "int f(void) {\n}\n" * FUNCTION_LINES_MAX),
    (import_direction, "sel4emu/cli/boot.py", "import kernel.image\nfrom userland import build\n"),
    (import_direction, "sel4emu/machine.py", "import os\nfrom sel4emu.cpu import Cpu\n"),
    (
        import_direction,
        "kernel/image.py",
        "from sel4emu import asm\nfrom sel4emu.errors import E\n",
    ),
    (import_direction, "kernel/object/a.py", "from . import b\nfrom ..port import Port\n"),
    (
        import_direction,
        "userland/build.py",
        "from kernel import abi\nfrom kernel.abi import Label\n",
    ),
    (import_direction, "tests/test_a.py", "import kernel\nimport sel4emu.machine\n"),
    (no_machine_path, "docs/a.md", "userland/work, https://example.org/home/ and /usr/bin\n"),
    (nothing_unfinished, "kernel/a.py", "mov r0, #12 issues nothing\n"),
    (no_stub, "kernel/a.py", "raise ValueError\n"),
    (no_broad_except, "kernel/a.py", "try:\n    f()\nexcept (OSError, ValueError):\n    pass\n"),
    (no_sleep, "kernel/a.py", "machine.run(until=3)\n"),
    (no_skipped_test, "tests/test_a.py", "@pytest.mark.parametrize('a', [1])\ndef f(a): ...\n"),
    (links_resolve, "docs/a.md", "[a](../kernel/abi.py) [b](https://x.org/a) [c](#part)\n"),
    (every_test_claims, "tests/test_a.py", 'def test_a():\n    """It holds."""\n'),
    (every_test_claims, "kernel/a.py", "def test_a():\n    pass\n"),
    (every_test_mirrors, "tests/kernel/test_abi.py", ""),
    (every_test_mirrors, "tests/test_kernel.py", ""),
    (every_test_mirrors, "tests/kernel/conftest.py", ""),
    (every_test_mirrors, "tests/test_tidy.py", ""),
)


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_rule_finds(rule: Rule, path: str, text: str) -> None:
    """A rule finds the snippet that breaks it."""
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_rule_accepts(rule: Rule, path: str, text: str) -> None:
    """A rule leaves the snippet that keeps it alone."""
    assert not list(rule(Source(path, text)))


def test_every_rule_is_tried() -> None:
    """Each rule is held against a bad and a good snippet."""
    assert {rule for rule, _, _ in BAD} == set(RULES)
    assert {rule for rule, _, _ in GOOD} == set(RULES)
