# The image in which `cargo mayfly build --docker` builds: the system that Lambda has, a C toolchain and Rust.
# A lambda.Dockerfile beside your Cargo.toml takes its place; whatever it holds, `cargo` has to be on its path.
ARG BASE=amazonlinux:2023
FROM ${BASE}

RUN yum install --assumeyes gcc gcc-c++ glibc-static make cmake perl tar gzip && yum clean all

ARG RUST=stable
ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:$PATH
# Builds run as the owner of the project, who may have to add what a rust-toolchain.toml asks for.
RUN curl --proto '=https' --tlsv1.2 --silent --show-error --fail https://sh.rustup.rs \
    | sh -s -- -y --no-modify-path --profile minimal --default-toolchain "$RUST" \
    && chmod --recursive a+rwX "$RUSTUP_HOME" "$CARGO_HOME"
