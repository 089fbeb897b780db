# MongoDB, ActiveMQ and Keycloak for the demo profile on a cluster: what `make runtime` fetched by checksum and built.
# The base has a Java and the libraries of mongod.
ARG BASE=docker.io/library/eclipse-temurin:17-jre-jammy
FROM ${BASE}
COPY rootfs/ /
ENV PATH=/opt/java/openjdk/bin:/usr/lib/jvm/java-17-openjdk-amd64/bin:/usr/local/bin:/usr/bin:/bin
USER 10001:10001
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="meterpark neighbours: MongoDB, ActiveMQ, Keycloak" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
