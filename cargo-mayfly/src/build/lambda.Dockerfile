# The image of `cargo mayfly build --docker`: the operating system of the runtime, a C toolchain and Rust.
# A lambda.Dockerfile beside your Cargo.toml replaces it; its image must have `cargo` on the path.
ARG BASE=amazonlinux:2023
FROM ${BASE}

RUN yum install --assumeyes gcc gcc-c++ glibc-static make cmake perl tar gzip && yum clean all

ARG RUST=stable
ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:$PATH
# Builds run as the owner of the project, who must be able to install the toolchain of a rust-toolchain.toml.
RUN curl --proto '=https' --tlsv1.2 --silent --show-error --fail https://sh.rustup.rs \
    | sh -s -- -y --no-modify-path --profile minimal --default-toolchain "$RUST" \
    && chmod --recursive a+rwX "$RUSTUP_HOME" "$CARGO_HOME"
