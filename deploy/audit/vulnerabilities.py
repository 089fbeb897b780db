"""Known vulnerabilities of what we use, asked of the OSV database (it knows PyPI, npm, Go and Maven alike)."""

from collections.abc import Sequence

import aiohttp
from pydantic import BaseModel, ValidationError

from deploy.audit.allowed import Allowed
from deploy.audit.inventory import Part
from deploy.audit.report import Checked

OSV_URL = "https://api.osv.dev"
# The most that one request may ask about, by its documentation.
_AT_ONCE = 1000
_PATIENCE = aiohttp.ClientTimeout(total=60, sock_connect=10)
# An ecosystem that it has no data of.
_UNKNOWN = "pkg:generic/"


class _Vulnerability(BaseModel):
    id: str


class _Result(BaseModel):
    vulns: list[_Vulnerability] = []


class _Answer(BaseModel):
    """https://google.github.io/osv.dev/post-v1-querybatch/: a result per query, in their order."""

    results: list[_Result]


async def check_vulnerabilities(parts: Sequence[Part], allowed: Allowed, *, url: str) -> Checked:
    """Query every part that has a name there; without an answer say so, and find nothing."""
    purls = sorted(
        {part.purl for part in parts if part.purl and not part.purl.startswith(_UNKNOWN)}
    )
    unnamed = sorted({f"{part.name} {part.version}" for part in parts} - _named(parts))
    not_covered = [f"{one}: the database does not know it by any name" for one in unnamed]
    try:
        found = await _ask(purls, url)
    except (aiohttp.ClientError, TimeoutError, ValidationError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Checked(
            check="vulnerabilities",
            seen="nothing",
            not_covered=[f"NOT CHECKED: {url} gave no answer ({reason}); needs the internet"],
        )
    accepted = {(one.id, one.component) for one in allowed.accepted_vulnerabilities}
    findings = [
        f"{purl}: {vulnerability} (https://osv.dev/vulnerability/{vulnerability})"
        for purl, vulnerabilities in found.items()
        for vulnerability in vulnerabilities
        if (vulnerability, purl) not in accepted
    ]
    return Checked(
        check="vulnerabilities",
        seen=f"{len(purls)} components, {len(accepted)} accepted",
        findings=findings,
        not_covered=not_covered,
    )


async def _ask(purls: Sequence[str], url: str) -> dict[str, list[str]]:
    """Return the ids of vulnerabilities by purl; those without any are absent."""
    found: dict[str, list[str]] = {}
    # trust_env: a company's proxy.
    async with aiohttp.ClientSession(timeout=_PATIENCE, trust_env=True) as session:
        for start in range(0, len(purls), _AT_ONCE):
            asked = purls[start : start + _AT_ONCE]
            queries = {"queries": [{"package": {"purl": purl}} for purl in asked]}
            async with session.post(f"{url}/v1/querybatch", json=queries) as response:
                response.raise_for_status()
                answer = _Answer.model_validate_json(await response.read())
            for purl, result in zip(asked, answer.results, strict=True):
                if result.vulns:
                    found[purl] = [one.id for one in result.vulns]
    return found


def _named(parts: Sequence[Part]) -> set[str]:
    return {
        f"{part.name} {part.version}"
        for part in parts
        if part.purl and not part.purl.startswith(_UNKNOWN)
    }
