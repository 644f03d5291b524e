# syntax=docker/dockerfile:1
# One image for `linli serve`, `linli worker`, `linli migrate` and the tools:
# one static program; no shell, no package manager, no root.
#
# Images are pinned by tag. For production append the digest your registry
# shows, golang:1.26.8-bookworm@sha256:...; the tag then only tells people what
# it is.

FROM golang:1.26.8-bookworm AS build
# Where the public proxy cannot be reached: --build-arg GOPROXY=https://goproxy.cn,direct
ARG GOPROXY=https://proxy.golang.org,direct
# Posters are drawn with these fonts; their licences travel with them.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends fonts-droid-fallback fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w' -o /system/usr/local/bin/linli ./cmd/linli
RUN mkdir -p /system/usr/share/fonts/truetype /system/usr/share/doc /system/etc/ssl/certs \
 && cp -rL /usr/share/fonts/truetype/droid /usr/share/fonts/truetype/dejavu /system/usr/share/fonts/truetype/ \
 && cp -rL /usr/share/doc/fonts-droid-fallback /usr/share/doc/fonts-dejavu-core /system/usr/share/doc/ \
 && cp /etc/ssl/certs/ca-certificates.crt /system/etc/ssl/certs/ \
 && echo 'linli:x:65532:65532:linli:/var/lib/linli:/sbin/nologin' > /system/etc/passwd \
 && echo 'linli:x:65532:' > /system/etc/group
# A fresh volume takes its owner and mode from the folder it is mounted on.
RUN mkdir -p /own/tmp /own/var/lib/linli/keys /own/var/lib/linli/signing /own/var/lib/linli/contract /own/var/lib/linli/blobs /own/var/lib/linli/bank \
 && chmod 0700 /own/var/lib/linli/* && chmod 1777 /own/tmp

FROM scratch
COPY --from=build /system /
COPY --from=build --chown=65532:65532 /own /
# A number: an orchestrator can then see that it is not root.
USER 65532:65532
WORKDIR /var/lib/linli
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/linli"]
CMD ["serve"]
