"""No step of a month calls BLAS: its sums depend on the library and the processor, and so would the bits of a run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLAS = frozenset({"dot", "vdot", "inner", "matmul", "tensordot", "einsum", "multi_dot", "linalg"})

OUTSIDE_THE_STEP = {
    "agents/adopters.py": {
        "_draw_traits",
        "_open_adoption",
        "_opening_survival",
        "_add_stages",
        "__init__",
        "_hazard_scale",
        "measure_opening",
    },
    "agents/readiness.py": {"opening_policies", "__init__"},
    "agents/individuals.py": {"__init__", "_odds_with_mean"},
    "agents/lazy_agent_set.py": {"aggregate"},
    "model/chips/measures.py": {"failure_loss", "debt_rank"},
    "model/finance/jgb_ladder.py": {"average_coupon_pct", "opening"},
    "model/measure/tables.py": {"flow_table"},
}
"""Functions that build a world or read one off, by file: no month passes through them."""


def calls_of_blas(source: str) -> set[tuple[str, int]]:
    """Innermost function (or ``""``) and line of every matrix product in a source text."""
    found: set[tuple[str, int]] = set()

    def look(node: ast.AST, function: str) -> None:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            product = isinstance(child, ast.BinOp | ast.AugAssign) and isinstance(child.op, ast.MatMult)
            if product or (isinstance(child, ast.Attribute) and child.attr in BLAS):
                found.add((function, child.lineno))
            look(child, inside)

    look(ast.parse(source), "")
    return found


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        ("x = a @ b", 1),
        ("a @= b", 1),
        ("x = np.dot(a, b)", 1),
        ("x = a.dot(b)", 1),
        ("x = np.linalg.solve(a, b)", 1),
        ("x = total(a * b)", 0),
        ("x = np.outer(a, b)", 0),
    ],
)
def test_what_counts_as_blas(line: str, calls: int) -> None:
    assert calls_of_blas(f"def f():\n    {line}\n") == ({("f", 2)} if calls else set())


def test_no_step_of_a_month_calls_blas() -> None:
    found: dict[str, set[str]] = {}
    for folder in ("agents", "model"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for function, _ in calls_of_blas(file.read_text(encoding="utf-8")):
                found.setdefault(file.relative_to(ROOT).as_posix(), set()).add(function)
    assert found == OUTSIDE_THE_STEP
