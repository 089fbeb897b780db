# The Python services, the simulator and the command. `make images` makes the context: it holds what is committed, uv,
# the health probe and the database's tools, and nothing else. Both bases have Python 3.11 at /usr/bin/python3.
ARG BUILDER=docker.io/library/debian:12-slim
ARG BASE=gcr.io/distroless/python3-debian12

FROM ${BUILDER} AS packages
# qpid-proton comes as source. Without libssl's headers it would build, too, but without TLS.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends \
    ca-certificates gcc libc6-dev libssl-dev pkg-config python3-dev python3-venv > /dev/null
WORKDIR /app
COPY uv /usr/local/bin/uv
COPY project/ ./
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt UV_PYTHON=/usr/bin/python3 UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy UV_NO_CACHE=1 PYTHONHASHSEED=0
# What is compiled names no folder in which it was, so that it is the same whenever it is built.
RUN printf '#!/bin/sh\nexec gcc "$@" -g0 "-ffile-prefix-map=$PWD=."\n' > /usr/local/bin/cc-alike && chmod +x /usr/local/bin/cc-alike
RUN CC=cc-alike uv sync --quiet --frozen --no-dev --no-install-project \
    && .venv/bin/python -B -c 'import sys; from proton import SSL; sys.exit(not SSL.present())' \
    # Nobody runs their tests here. (Libraries of wheels must not be stripped: numpy's does not load then.)
    && find .venv -type d -name tests -prune -exec rm -rf {} + \
    && rm -f .venv/.lock \
    # By content, not by time, and with one order of sets (PYTHONHASHSEED).
    && .venv/bin/python -m compileall -q -f -j 0 --invalidation-mode unchecked-hash .venv

FROM packages AS ours
COPY code/ /ours/
RUN .venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash -s /ours -p /app /ours

FROM ${BASE}
COPY --from=packages /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY grpc-health-probe /usr/local/bin/grpc-health-probe
COPY database-tools/ /usr/local/bin/
COPY --from=packages /app/.venv /app/.venv
COPY --from=ours /ours /app
WORKDIR /app
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 10001:10001
ENTRYPOINT ["/app/.venv/bin/python", "-m"]
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="meterpark services" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
