"""The import rule of the design, the layout and the size of modules, read from the source."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

FLOWS_MAY_IMPORT = frozenset({"bot.model", "bot.errors", "bot.conversation.contract"})
FLOWS_NEVER_TOUCH = frozenset({"aiohttp", "redis", "telegram", "prometheus_client", "click"})
ROOT = "bot.app"
"""The only module of bot that knows flows."""
DRAWERS = frozenset({"utils", "util", "helpers", "helper", "core", "common", "services", "manager", "managers", "misc"})
"""Names that say nothing: everything ends up in such a module."""
LONGEST_MODULE = 450


@cache
def find_modules() -> dict[str, Path]:
    """Every module of the product by dotted name."""
    files = sorted(file for folder in ("bot", "flows") for file in (PROJECT / folder).rglob("*.py"))
    return {_name(file): file for file in files}


def _name(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def read_imports(module: str, *, at_load_only: bool = False) -> frozenset[str]:
    """What a module imports; `from package import module` counts as the module."""
    tree = ast.parse(find_modules()[module].read_text(encoding="utf-8"))
    nodes = _walk_load(tree) if at_load_only else ast.walk(tree)
    return frozenset(name for node in nodes for name in _imported(node))


def _walk_load(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module is loaded: neither function bodies nor what is for the type checker only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from _walk_load(child)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide where a name comes from"
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if whole in find_modules() else str(node.module)


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def find_offences(package: str, *forbidden: str) -> list[str]:
    """Imports of a forbidden package by a module of `package`."""
    return [
        f"{module} imports {imported}"
        for module in find_modules()
        if _is_in(module, package)
        for imported in sorted(read_imports(module))
        if any(_is_in(imported, name) for name in forbidden)
    ]


def test_flows_know_the_contract_and_nothing_else_of_the_bot() -> None:
    assert [offence for offence in find_offences("flows", "bot") if offence.rpartition(" ")[2] not in FLOWS_MAY_IMPORT] == []


def test_flows_do_no_input_or_output() -> None:
    assert find_offences("flows", *FLOWS_NEVER_TOUCH) == []


def test_only_the_composition_root_knows_flows() -> None:
    assert [offence for offence in find_offences("bot", "flows") if not offence.startswith(f"{ROOT} ")] == []


def test_channels_know_neither_vendors_nor_the_inbox() -> None:
    assert find_offences("bot.channels", "bot.vendors", "bot.inbox") == []


def test_vendors_know_neither_channels_nor_the_inbox() -> None:
    assert find_offences("bot.vendors", "bot.channels", "bot.inbox") == []


def test_conversation_knows_no_platform_and_no_vendor_by_name() -> None:
    offences = find_offences("bot.conversation", "bot.channels", "bot.vendors")
    assert [offence for offence in offences if not offence.endswith((".base", ".wording"))] == []


def test_product_does_not_need_its_emulators() -> None:
    allowed = ("bot.sandbox", "bot.serving")
    offences = find_offences("bot", "bot.sandbox") + find_offences("flows", "bot.sandbox")
    assert [offence for offence in offences if not offence.startswith(allowed)] == []


def test_imports_have_no_cycles() -> None:
    modules = find_modules()
    graph = {module: read_imports(module, at_load_only=True) & modules.keys() - {module} for module in modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [module for module in find_modules() if not DRAWERS.isdisjoint(module.split("."))] == []


def test_no_module_is_too_long() -> None:
    lengths = {module: len(file.read_text(encoding="utf-8").splitlines()) for module, file in find_modules().items()}
    assert {module: length for module, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_test_folder_is_a_package() -> None:
    # Otherwise tests/bot would pass for bot itself.
    folders = {file.parent for file in (PROJECT / "tests").rglob("*.py")}
    assert sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_tests_stand_where_their_source_stands() -> None:
    strays = []
    for file in sorted((PROJECT / "tests" / "bot").rglob("test_*.py")) + sorted((PROJECT / "tests" / "flows").rglob("test_*.py")):
        source = PROJECT / file.parent.relative_to(PROJECT / "tests")
        if not source.is_dir():
            strays.append(str(file.relative_to(PROJECT)))
    assert strays == []
