# The router, and the files of the page, which the bff serves. `make images` makes the context of what `make runtime`
# fetched by checksum and built: Node, the router's packages, the page.
ARG BASE=gcr.io/distroless/cc-debian12
FROM ${BASE}
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY node /usr/local/bin/node
COPY node_modules /app/deploy/router/node_modules
COPY code/ /app/
COPY page /app/page
WORKDIR /app
ENV NODE_ENV=production NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt HOME=/tmp
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/node"]
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="meterpark router and page" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
