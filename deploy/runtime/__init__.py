"""The real components that the system runs on, at pinned versions, in a cache outside the checkout.

In: recipes (a Go module with its sums, a Maven pom, a PyPI pin). Out: a folder per component and
version, which is there whole or not at all, and `Runtime`, the paths in it. Never: a download
whose version is not pinned here, a change outside the cache, a start of anything.

`python -m deploy.runtime` fetches or builds what is missing; with `--with-tests` also what only tests use: the second
broker, the tools of the Helm chart, and schemas for what the chart makes.
"""
