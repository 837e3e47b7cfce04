# The relay as a container. docs/Container.md says how to run it.
#
#   npm run image              builds the relay for amd64 and arm64 with your Go: .build/image/<architecture>/relay
#   docker build -t relay .
#
# Nothing is downloaded and nothing runs during the build, so it is the same for each architecture, on each machine and
# with each tool (docker, docker buildx build --platform linux/amd64,linux/arm64, podman, buildah).
# The image has no system: no shell, no packages to update. The relay has the certificate authorities built in.
FROM scratch
ARG TARGETARCH
COPY .build/image/${TARGETARCH}/relay /relay
# Only this folder is writable. It has the watchlist: mount a volume here to keep it.
COPY --chown=65532:65532 .build/image/data /data
ENV WATCHLIST_FILE=/data/watchlist.db TMPDIR=/data
VOLUME /data
USER 65532:65532
EXPOSE 9000
ENTRYPOINT ["/relay"]
CMD ["serve", "--production"]
