# Both images, of jars that Maven made before: "./dev images" makes these, builds the images and tells their sizes.
#
#   docker build --target gateway -t svos/kernel-telemetry-gateway .
#   docker build --target host    -t svos/kernel-telemetry-host .
#
# Debian's packages first, as they change least; the network is needed for them alone.

# The folder for manual pages is missed by the links of an alternative.
FROM debian:trixie-slim AS jdk
RUN mkdir -p /usr/share/man/man1 \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openjdk-25-jdk-headless libbpf1 binutils \
    && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/* \
    && ln -s java-25-openjdk-$(dpkg --print-architecture) /usr/lib/jvm/jdk
ENV JAVA_HOME=/usr/lib/jvm/jdk

FROM debian:trixie-slim AS libbpf
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libbpf1 \
    && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/*


FROM jdk AS gateway-build
COPY src/gateway/target/telemetry-gateway-*-exec.jar /build/gateway.jar
COPY src/gateway/jvm.options src/gateway/make-runtime /build/
RUN /build/make-runtime /build/gateway.jar /opt/telemetry-gateway

FROM debian:trixie-slim AS gateway
COPY LICENSE /usr/share/doc/telemetry-gateway/
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin telemetry \
    && install -d -o telemetry -g telemetry -m 0750 /var/lib/telemetry
COPY --from=gateway-build /opt/telemetry-gateway /opt/telemetry-gateway
ENV TELEMETRY_DATA=/var/lib/telemetry
VOLUME /var/lib/telemetry
EXPOSE 8080 8081
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/telemetry-gateway/java/bin/java", "@/opt/telemetry-gateway/image.options", \
    "-jar", "/opt/telemetry-gateway/gateway.jar"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Kernel Telemetry: gateway" \
    org.opencontainers.image.description="Takes what host loaders post, keeps it durably, delivers it to Lantern Rock" \
    org.opencontainers.image.vendor="SVOS" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.base.name="docker.io/library/debian:trixie-slim" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"


FROM jdk AS host-build
COPY bpf-loader/target/telemetry-host-loader-*-all.jar /build/loader.jar
COPY bpf-loader/target/native /build/native
COPY bpf-loader/jvm.options bpf-loader/make-runtime /build/
RUN /build/make-runtime /build/loader.jar /build/native /opt/svos-kernel-telemetry-host

FROM libbpf AS host
COPY LICENSE LICENSES /usr/share/doc/svos-kernel-telemetry-host/
COPY --from=host-build /opt/svos-kernel-telemetry-host /opt/svos-kernel-telemetry-host
# For people in the container: svos-kernel-telemetry-host status.
RUN ln -s /opt/svos-kernel-telemetry-host/bin/svos-kernel-telemetry-host /usr/bin/ \
    && install -d -m 0700 /var/lib/svos-kernel-telemetry-host
# Arenas of malloc for each thread would cost memory and gain nothing.
ENV MALLOC_ARENA_MAX=1
VOLUME /var/lib/svos-kernel-telemetry-host
EXPOSE 9466
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/svos-kernel-telemetry-host/java/bin/java", "@/opt/svos-kernel-telemetry-host/image.options", \
    "-jar", "/opt/svos-kernel-telemetry-host/loader.jar"]
CMD ["run"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Kernel Telemetry: host loader" \
    org.opencontainers.image.description="Captures a kernel's telemetry calls by eBPF and posts them to the gateway" \
    org.opencontainers.image.vendor="SVOS" \
    org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-only" \
    org.opencontainers.image.base.name="docker.io/library/debian:trixie-slim" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"
