"""One-line changes of what decides, drawn from the syntax tree: signs, terms, dates, comparisons, limits, numbers.

A change is made inside a function, in an expression.  Left alone are docstrings, type hints, texts, what raises an
error and the conditions for it.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DECIDING: tuple[str, ...] = (
    "agents/*.py",
    "agents/rules/*.py",
    "model/chips/power.py",
    "model/chips/sessions.py",
    "model/finance/currency_orders.py",
    "model/goods/incomes.py",
    "model/ai/contract_rows.py",
    "model/ai/learning.py",
    "model/finance/bonds.py",
    "model/finance/equities.py",
    "model/finance/foreign_exchange.py",
    "model/goods/market.py",
    "model/goods/labour.py",
    "model/monthly_steps.py",
    "model/policies/binding.py",
    "model/finance/portfolio_rows.py",
    "model/finance/portfolios.py",
    "model/public/programme.py",
    "model/public/treasury.py",
    "model/public/rescue.py",
    "model/finance/revaluation.py",
    "model/finance/softbank_accounts.py",
    "model/finance/structural_flows.py",
    "model/public/trade_deal.py",
    "model/finance/yield_cap.py",
)
"""Where decisions are made: all of ``agents``, and the parts of ``model`` in which somebody decides or a rule is
applied.
"""

NOT_DECIDING: frozenset[str] = frozenset(
    {
        "agents/added_agent.py",
        "agents/compiled.py",
        "agents/compiled_cache.py",
        "agents/errors.py",
        "agents/lazy_agent_set.py",
        "agents/mesa_typed.py",
        "agents/named_importers.py",
        "agents/population.py",
        "agents/views.py",
        "agents/vocabulary.py",
        "agents/supplier_codes.py",
        "agents/rules/rule.py",
        "agents/rules/settings.py",
    }
)
"""Files of :data:`DECIDING` that hold names, containers, registries or checks of settings."""

MONTHS = frozenset({"month", "fiscal_year", "month_of_fiscal_year", "meetings_this_month", "months", "calendar_month"})
"""Names whose value a change moves by one."""

CHECKS = frozenset({"strict"})
"""Arguments that ask for a check and decide nothing."""

_SIGNS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_LIMITS = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}


@dataclass(frozen=True, order=True)
class Mutant:
    """One change of one expression.

    Attributes
    ----------
    file, line : where, from the root of the tree; 1 is the first line.
    start, end : bytes of the file that ``text`` replaces.
    kind : what sort of change.
    text : put there.
    before, after : the lines it touches, on one line.
    first_line, last_line : of the statement, or of its head, that the expression belongs to.
    """

    file: str
    line: int
    start: int
    end: int
    kind: str
    text: str
    before: str
    after: str
    first_line: int
    last_line: int

    def applied_to(self, source: bytes) -> bytes:
        """The file with the change."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def deciding_files(root: Path, patterns: Sequence[str] = DECIDING) -> list[str]:
    """Files that the patterns name, from the root; a pattern that names none is out of date.

    Raises
    ------
    ValueError : patterns without a file.
    """
    found = {pattern: sorted(root.glob(pattern)) for pattern in patterns}
    if stale := [pattern for pattern, paths in found.items() if not paths]:
        raise ValueError(f"DECIDING in tests/mutants.py names what is not there: {', '.join(stale)}")
    names = {path.relative_to(root).as_posix() for paths in found.values() for path in paths}
    return sorted(name for name in names - NOT_DECIDING if not name.endswith("__init__.py"))


def draw(root: Path, seed: int, count: int, patterns: Sequence[str] = DECIDING) -> list[Mutant]:
    """So many of all possible changes, each with the same chance; the same ones for the same seed and tree."""
    every = [
        mutant for name in deciding_files(root, patterns) for mutant in mutants_of(name, (root / name).read_bytes())
    ]
    return random.Random(seed).sample(every, min(count, len(every)))


def mutants_of(file: str, source: bytes) -> list[Mutant]:
    """All changes of a file, in order."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = set()
    for head, expression in _expressions(ast.parse(source).body, inside=False):
        for node, kind, new in _changes(expression):
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            text = ast.unparse(new) if isinstance(new, (ast.stmt, ast.Constant)) else f"({ast.unparse(new)})"
            first, last = starts[node.lineno - 1], starts[node.end_lineno or node.lineno]
            before = source[first:last].decode()
            after = (source[first:start] + text.encode() + source[end:last]).decode()
            found.add(
                Mutant(
                    file, node.lineno, start, end, kind, text, " ".join(before.split()), " ".join(after.split()), *head
                )
            )
    return sorted(found)


def _expressions(body: Iterable[ast.stmt], inside: bool) -> Iterator[tuple[tuple[int, int], ast.expr | ast.AugAssign]]:
    """Expressions of functions' statements that decide something, each with the lines of its statement's head."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield from _expressions(node.body, inside or isinstance(node, ast.FunctionDef))
        elif not inside or isinstance(node, (ast.Raise, ast.Assert)):
            continue
        elif isinstance(node, (ast.If, ast.While, ast.For, ast.With, ast.Try)):
            if isinstance(node, (ast.If, ast.While)) and not _only_raises(node.body):
                yield _lines(node.test), node.test
            elif isinstance(node, ast.For):
                yield _lines(node.iter), node.iter
            yield from _expressions(node.body, inside)
            yield from _expressions(getattr(node, "orelse", ()), inside)
        elif isinstance(node, ast.AugAssign):
            yield _lines(node), node
            yield _lines(node), node.value
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr)) and node.value is not None:
            yield _lines(node), node.value


def _lines(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _only_raises(body: Sequence[ast.stmt]) -> bool:
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str, ast.expr | ast.stmt]]:
    """Changes of an expression and of its parts: what is replaced, the kind of change, and by what."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.keyword) and node.arg in CHECKS):
        return
    if isinstance(node, ast.AugAssign):
        yield from ((node, kind, new) for kind, new in _changed_step(node))
        return
    if isinstance(node, ast.expr):
        yield from ((node, kind, new) for kind, new in _changed(node))
    for child in ast.iter_child_nodes(node):
        yield from _changes(child)


def _changed_step(node: ast.AugAssign) -> Iterator[tuple[str, ast.stmt]]:
    if opposite := _SIGNS.get(type(node.op)):
        yield "sign", ast.AugAssign(node.target, opposite(), node.value)
        yield "dropped term", ast.AugAssign(node.target, node.op, ast.Constant(0.0))


def _changed(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.BinOp):
        yield from _changed_sum_or_product(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield "sign" if isinstance(node.op, ast.USub) else "logic", node.operand
    elif isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            turned = [*node.ops[:place], _COMPARISONS[type(op)](), *node.ops[place + 1 :]]
            yield "comparison", ast.Compare(node.left, turned, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield "logic", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.IfExp):
        yield "branch", ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Call):
        yield from _changed_limit(node)
    elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
        if (node.attr if isinstance(node, ast.Attribute) else node.id) in MONTHS:
            yield "month", ast.BinOp(node, ast.Add(), ast.Constant(1))
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield "constant", ast.Constant(_another(node.value))


def _changed_sum_or_product(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    if opposite := _SIGNS.get(type(node.op)):
        yield "sign", ast.BinOp(node.left, opposite(), node.right)
        yield "dropped term", node.left
        yield "dropped term", node.right if isinstance(node.op, ast.Add) else ast.UnaryOp(ast.USub(), node.right)
    elif isinstance(node.op, ast.Mult):
        yield "dropped factor", node.left
        yield "dropped factor", node.right
    elif isinstance(node.op, (ast.Div, ast.Pow)):
        yield "dropped factor", node.left


def _changed_limit(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    called = node.func
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    if name in _LIMITS and len(node.args) > 1:
        other = ast.Name(_LIMITS[name], ast.Load())
        if isinstance(called, ast.Attribute):
            yield "limit", ast.Call(ast.Attribute(called.value, _LIMITS[name], ast.Load()), node.args, node.keywords)
        else:
            yield "limit", ast.Call(other, node.args, node.keywords)
        yield from (("dropped limit", each) for each in node.args[:2] if not isinstance(each, ast.Constant))
    elif name in ("clip", "abs") and node.args:
        yield "dropped limit", node.args[0]


def _another(value: float) -> float:
    """0 for 1, 1 for 0, the next whole number for a whole one, twice the value for any other."""
    if value in (0, 1):
        return type(value)(not value)
    return value + 1 if isinstance(value, int) or value == 12.0 else 2.0 * value
