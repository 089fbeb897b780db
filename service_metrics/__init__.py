"""What a service tells of itself in numbers: declared once, counted cheaply, told to whoever collects them.

Comes in: declarations (name, unit, meaning), counts and durations of the service's parts, values that are read when
they are asked for. Goes out: an endpoint for Prometheus on a port of its own, OTLP to a collector, and the page
docs/metrics.md, which is written from the declarations.
Must never be done here: a value that nobody declared; an attribute that names a device or a person, or that a sender
can choose without a bound; work for each report.
"""
