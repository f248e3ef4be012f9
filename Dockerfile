# syntax=docker/dockerfile:1

# --- Build -----------------------------------------------------------------------------------------------------------
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .

# The caches hold what was downloaded and what was compiled, so that a second build compiles only what changed. They are no
# part of the image, which is why the program is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin seatcast \
    && cp target/release/seatcast /usr/local/bin/seatcast

# --- Run -------------------------------------------------------------------------------------------------------------
FROM debian:bookworm-slim
RUN groupadd --system --gid 10001 seatcast \
    && useradd --system --uid 10001 --gid seatcast --no-create-home --shell /usr/sbin/nologin seatcast
COPY --from=build /usr/local/bin/seatcast /usr/local/bin/seatcast
# Whom to trust where Redis is reached over TLS (rediss://); the slim image has nobody.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt

# The embedded store, for who names no Redis: `docker run -v seatcast:/data …` keeps it.
RUN install --directory --owner=seatcast --group=seatcast --mode=0700 /data
VOLUME /data
ENV SEATCAST_STORE=embedded:/data

# A file `.env` is read from the working directory. This one is empty: settings come from the environment.
WORKDIR /var/empty
USER seatcast

# The default, 127.0.0.1, reaches nobody outside the container.
ENV SEATCAST_LISTEN=0.0.0.0:8080
EXPOSE 8080

# Goodbye to every socket, then the end; see docs/operations.md.
STOPSIGNAL SIGTERM

# The slim image has neither curl nor wget, but it has bash, which opens TCP connections by itself (/dev/tcp). `live` asks only
# whether the process answers: a Redis that is out of reach is no reason to restart the server. Whoever changes the port in
# SEATCAST_LISTEN changes it here too.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/live HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 2 status <&3 && [[ $status == *' 200 '* ]]"]

ENTRYPOINT ["/usr/local/bin/seatcast"]
