"""Under which licences we use what we use: as installed packages declare them, against a list of ours."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deploy.audit.allowed import Allowed
from deploy.audit.inventory import Part
from deploy.audit.report import Checked

# A component of a CycloneDX document, as the tool writes it.
Component = Mapping[str, Any]


def check_licences(
    locked: Sequence[Part],
    installed: Sequence[Component],
    npm: Mapping[str, list[str]],
    runtime: Sequence[Part],
    allowed: Allowed,
) -> Checked:
    """Compare each locked Python and npm package and each program of the runtime with the list.

    What is inside those programs (Go modules, jars) is under licences that their makers chose to
    accept; nothing here reads them.
    """
    declared = {
        str(one["name"]).lower().replace("_", "-").replace(".", "-"): _declared(one)
        for one in installed
    }
    stated = {
        **{part.name: declared.get(part.name, []) for part in locked},
        **npm,
        **{
            name: [allowed.runtime_licences.get(name, "")] for name in {part.of for part in runtime}
        },
    }
    exceptions = {one.component: one for one in allowed.licence_exceptions}
    findings = [
        f"{name}: {' and '.join(filter(None, licences)) or 'no licence known'}, which is not on the list"
        for name, licences in sorted(stated.items())
        if name not in exceptions
        and not (any(licences) and all(is_allowed(one, allowed.licences) for one in licences))
    ]
    findings += [
        f"{name}: excepted from the list of licences, but nothing of that name is used"
        for name in sorted(exceptions.keys() - stated.keys())
    ]
    inside = len(runtime) - len({part.of for part in runtime})
    return Checked(
        check="licences",
        seen=f"{len(stated)} packages and programs, {len(exceptions)} of them by exception",
        findings=findings,
        not_covered=[f"licences of the {inside} Go modules and jars inside the runtime's programs"],
    )


def is_allowed(expression: str, licences: Iterable[str]) -> bool:
    """Say whether an SPDX expression is covered: of `A OR B` one will do, of `A AND B` it takes both.

    One with brackets is not understood, and so not allowed.
    """
    known = frozenset(licences)
    return any(
        all(one.strip() in known for one in choice.split(" AND "))
        for choice in expression.split(" OR ")
    )


def _declared(component: Component) -> list[str]:
    """Return SPDX expressions if the package declares any, else its other text about licences."""
    spdx: list[str] = []
    words: list[str] = []
    for one in component.get("licenses", []):
        licence = one.get("license", {})
        if found := one.get("expression") or licence.get("id"):
            spdx.append(str(found))
        elif found := licence.get("name"):
            words.append(str(found))
    return spdx or words
