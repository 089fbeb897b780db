"""One message's way, and one operation's, as spans of one trace: declared once per service, exported by OTLP.

Comes in: declarations of spans, W3C trace contexts (`traceparent`) of messages, calls and stored commits.
Goes out: spans to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; contexts for the next hop.
Must never be done here: a span for each report (a batch has one, with links to the messages' contexts); an attribute
that names a device or a person, or holds a token; work while it is off, or for a trace that is not sampled.
"""
