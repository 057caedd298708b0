"""The mutants of a Python file: copies of it that differ in one expression or statement.

    comparison   < and <=, > and >=, == and !=, is and is not, in and not in: one for the other
    arithmetic   + and -, * and /, // and /, % and *, ** and *, << and >>, | and &, also in += and the like
    boolean      ``and`` and ``or``; ``not x`` and ``-x`` become ``x``
    constant     a number plus 1, True and False
    condition    the test of an if, a while, a conditional expression or a comprehension, negated
    statement    a call, an assignment to an attribute or item, an assignment to a name that has a value already, a
                 raise, or an augmented assignment is dropped; break and continue, one for the other
    return       the empty value of the annotated type (0, False, "", [], ()), otherwise None

These are the operators of Offutt et al. (1996), "An experimental determination of sufficient mutant operators", with
the dropped statements and the empty returns of PIT. Text is not mutated (wording is not behaviour), nor are
annotations, decorators, f-strings (Python 3.11 has no positions in them), and blocks of ``if TYPE_CHECKING``.

Positions are offsets in bytes, so a mutant changes only its own characters: line numbers, comments and layout stay.
"""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
    ast.Mod: "*",
    ast.Pow: "*",
    ast.LShift: ">>",
    ast.RShift: "<<",
    ast.BitOr: "&",
    ast.BitAnd: "|",
}
EMPTY = {"int": "0", "float": "0.0", "str": '""', "bytes": 'b""', "list": "[]", "tuple": "()", "dict": "{}"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Mutant:
    """One replacement in one file, of the bytes from ``start`` to ``stop``."""

    path: str  # relative to the root of the project
    lines: tuple[int, int]  # first and last line of the statement that contains it
    start: int
    stop: int
    replacement: str
    operator: str

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.replacement.encode() + source[self.stop :]

    def compiles(self, source: bytes) -> bool:
        try:
            compile(self.apply(source), self.path, "exec", dont_inherit=True)
        except SyntaxError:
            return False
        return True

    def diff(self, source: bytes) -> str:
        """Unified diff without context."""
        before, after = source.decode().splitlines(), self.apply(source).decode().splitlines()
        return "\n".join(difflib.unified_diff(before, after, self.path, self.path, n=0, lineterm=""))


class _Finder:
    """Collects the mutants of one module."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source, self.found = path, source, list[Mutant]()
        self._offsets = [0]
        for line in source.splitlines(keepends=True):
            self._offsets.append(self._offsets[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first, last = self._offsets[node.lineno - 1], self._offsets[node.end_lineno - 1]
        return first + node.col_offset, last + node.end_col_offset

    def text(self, node: ast.expr) -> str:
        start, stop = self.span(node)
        return self.source[start:stop].decode()

    def add(self, statement: ast.stmt, span: tuple[int, int], replacement: str, operator: str) -> None:
        body = getattr(statement, "body", None)  # of a compound statement, the header
        last = max(statement.lineno, body[0].lineno - 1) if body else statement.end_lineno or statement.lineno
        self.found.append(Mutant(self.path, (statement.lineno, last), *span, replacement, operator))

    def between(self, statement: ast.stmt, left: ast.expr, right: ast.expr, new: str, operator: str) -> None:
        """Replace the operator between two operands; parentheses and layout around it stay."""
        start, stop = self.span(left)[1], self.span(right)[0]
        gap = self.source[start:stop].decode()
        if "#" in gap:
            return
        inner = gap.strip(" \t\r\n()\\")
        at = start + gap.index(inner)
        self.add(statement, (at, at + len(inner)), new, operator)

    def block(self, body: list[ast.stmt], function: Function | None, bound: set[str]) -> None:
        for statement in body:
            if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
                continue
            self.statement(statement, function, bound)

    def statement(self, node: ast.stmt, function: Function | None, bound: set[str]) -> None:
        if isinstance(node, Function):
            arguments = node.args
            names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
            for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d)):
                self.expression(default, node)
            self.block(node.body, node, names)
            return
        if isinstance(node, ast.ClassDef):
            self.block(node.body, None, set())
            return
        self.dropped(node, function, bound)
        if isinstance(node, ast.If | ast.While):
            self.add(node, self.span(node.test), f"not ({self.text(node.test)})", "condition")
        if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
            self.between(node, node.target, node.value, ARITHMETIC[type(node.op)] + "=", "arithmetic")
        if isinstance(node, ast.Return) and node.value is not None and function is not None:
            self.returned(node, node.value, function)
        for field, value in ast.iter_fields(node):
            if field == "annotation":
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.expr):
                    self.expression(child, node)
                elif isinstance(child, ast.withitem):
                    self.expression(child.context_expr, node)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    self.block(child.body, function, bound)
        bound |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for name in ("body", "orelse", "finalbody"):
            self.block(getattr(node, name, []), function, bound)

    def dropped(self, node: ast.stmt, function: Function | None, bound: set[str]) -> None:
        if function is None:
            return
        match node:
            case ast.Break():
                self.add(node, self.span(node), "continue", "statement")
            case ast.Continue():
                self.add(node, self.span(node), "break", "statement")
            case ast.Raise() | ast.AugAssign() | ast.Expr(value=ast.Call()):
                self.add(node, self.span(node), "pass", "statement")
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
                self.add(node, self.span(node), "pass", "statement")
            case ast.Assign(targets=[ast.Name(id=name)]) if name in bound:
                self.add(node, self.span(node), "pass", "statement")

    def returned(self, node: ast.Return, value: ast.expr, function: Function) -> None:
        kind = ast.unparse(function.returns).split("[")[0] if function.returns else ""
        new = f"not ({self.text(value)})" if kind == "bool" else EMPTY.get(kind, "None")
        if self.text(value) != new and not (kind == "bool" and isinstance(value, ast.Constant)):
            self.add(node, self.span(value), new, "return")

    def expression(self, node: ast.expr, statement: ast.stmt) -> None:
        if isinstance(node, ast.JoinedStr):
            return
        match node:
            case ast.Compare():
                operands = [node.left, *node.comparators]
                for (left, right), op in zip(pairwise(operands), node.ops, strict=True):
                    self.between(statement, left, right, COMPARISONS[type(op)], "comparison")
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in ARITHMETIC:
                if not any(isinstance(side, ast.JoinedStr) or _is_text(side) for side in (left, right)):
                    self.between(statement, left, right, ARITHMETIC[type(operation)], "arithmetic")
            case ast.BoolOp(op=junction, values=values):
                new = "or" if isinstance(junction, ast.And) else "and"
                for left, right in pairwise(values):
                    self.between(statement, left, right, new, "boolean")
            case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
                self.add(statement, self.span(node), f"({self.text(operand)})", "boolean")
            case ast.Constant(value=bool() as flag):
                self.add(statement, self.span(node), str(not flag), "constant")
            case ast.Constant(value=int() | float() as number):
                self.add(statement, self.span(node), repr(number + 1), "constant")
            case ast.IfExp(test=test):
                self.add(statement, self.span(test), f"(not ({self.text(test)}))", "condition")
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child, statement)
            elif isinstance(child, ast.keyword):
                self.expression(child.value, statement)
            elif isinstance(child, ast.comprehension):
                self.expression(child.iter, statement)
                for test in child.ifs:
                    self.add(statement, self.span(test), f"(not ({self.text(test)}))", "condition")
                    self.expression(test, statement)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def mutants(path: str, source: bytes) -> list[Mutant]:
    """All mutants of a file, in the order of their positions."""
    finder = _Finder(path, source)
    finder.block(ast.parse(source).body, None, set())
    return sorted(set(finder.found), key=lambda m: (m.start, m.stop, m.operator, m.replacement))


def mutants_of(root: Path, targets: list[str]) -> Iterator[Mutant]:
    """The mutants of the files and folders ``targets`` below ``root``, in the order of their names."""
    for target in targets:
        path = root / target
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            yield from mutants(file.relative_to(root).as_posix(), file.read_bytes())
