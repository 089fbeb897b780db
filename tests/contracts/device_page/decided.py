"""Which events a command may leave, and who decides it, read from the source of the device's core.

From `decide` on: every function that can be reached, and every event that is made there.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, Final, get_args, get_type_hints

from device_hub.device import decisions
from device_hub.device.deciding import conclusions, introducing
from device_hub.device.events import Event
from device_hub.device.plans import carrying_out
from device_hub.device.plans.carrying_out import carried_out

_CORE: Final = "device_hub.device."
# These change a device by what was decided: they decide nothing.
_NOT_DECIDING: Final = ("device_hub.device.evolution", "device_hub.device.joins.parts")
_EVENTS: Final = get_args(Event)


def arms(command: type[Any]) -> list[ast.stmt]:
    """Return what `decide` does with this command."""
    for function in (decisions._decide, decisions._decide_for_person):  # its two matches
        for node in ast.walk(_source(function)):
            if isinstance(node, ast.match_case) and command.__name__ in _names(node.pattern):
                if any("_decide_for_person" in _names(part) for part in node.body):
                    continue
                return node.body
    raise AssertionError(f"decide has no case for {command.__name__}")


def deciders(command: type[Any]) -> list[str]:
    """Return the functions that decide the command, by module, in the order in which they are called."""
    found: list[str] = []
    for function in _reached(arms(command), decisions):
        module = function.__module__
        plain = not function.__name__.startswith("_")
        if module in (conclusions.__name__, introducing.__name__) or not plain:
            continue
        if get_type_hints(function).get("return") == list[Event]:
            found.append(f"{module.removeprefix(_CORE)}.{function.__name__}")
    return found


def events_of(command: type[Any]) -> tuple[set[type[Any]], set[type[Any]]]:
    """Return the events that the command may leave, and those that the hub concludes from it."""
    return _made(arms(command), decisions)


def events_of_plans() -> tuple[set[type[Any]], set[type[Any]]]:
    """Return the events that any command may leave before its own, when a plan is due."""
    return _made([_source(carried_out)], carrying_out)


def _made(body: list[ast.stmt], module: ModuleType) -> tuple[set[type[Any]], set[type[Any]]]:
    said, concluded = _events_in(body, module), set[type[Any]]()
    for function in _reached(body, module):
        made = _events_in([_source(function)], inspect.getmodule(function))
        (concluded if function.__module__ == conclusions.__name__ else said).update(made)
    return said, concluded


def _reached(body: list[ast.stmt], module: ModuleType) -> list[FunctionType]:
    """Return every function of the core that can be called from here, in the order in which it is met."""
    found: dict[FunctionType, None] = {}

    def visit(nodes: list[Any], within: ModuleType | None) -> None:
        for function in _functions_in(nodes, within):
            if function not in found:
                found[function] = None
                visit([_source(function)], inspect.getmodule(function))

    visit(list(body), module)
    return list(found)


def _functions_in(nodes: list[Any], module: ModuleType | None) -> Iterator[FunctionType]:
    for value in _values_in(nodes, module):
        is_ours = isinstance(value, FunctionType) and value.__module__.startswith(_CORE)
        if is_ours and value.__module__ not in _NOT_DECIDING:
            yield value


def _events_in(nodes: list[Any], module: ModuleType | None) -> set[type[Any]]:
    """Return the events that are made here: called by their class, or by a table of classes."""
    made: set[type[Any]] = set()
    for node in nodes:
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                made |= {one for one in [_value(call.func, module)] if one in _EVENTS}
    for value in _values_in(nodes, module):
        if isinstance(value, Mapping):
            made |= {one for one in value.values() if isinstance(one, type) and one in _EVENTS}
    return made


def _values_in(nodes: list[Any], module: ModuleType | None) -> Iterator[Any]:
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Name | ast.Attribute):
                yield _value(each, module)


def _value(node: ast.expr, module: ModuleType | None) -> Any:
    """Return what a name, or a name of a module, stands for; None when it is no such thing."""
    match node:
        case ast.Name(id=name):
            return vars(module).get(name)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            within = vars(module).get(name)
            return getattr(within, attribute, None) if isinstance(within, ModuleType) else None
        case _:
            return None


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


@cache
def _source(function: Callable[..., Any]) -> ast.stmt:
    return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
