#!/bin/sh
# A cargo for `cargo mayfly` in this workspace: it replaces the packages of `cargo build` by `--workspace`. Cargo gives
# dependencies the features that the selected packages ask for, and so would compile most of them again for each package.
# With all packages selected, they are those that `cargo test --workspace` has compiled.
if [ "$1" = build ]; then
  left=$# has_all=
  while [ "$left" -gt 0 ]; do
    argument=$1
    shift
    left=$((left - 1))
    case $argument in
      --package)
        shift
        left=$((left - 1))
        [ "$has_all" ] || set -- "$@" --workspace
        has_all=1
        ;;
      *) set -- "$@" "$argument" ;;
    esac
  done
fi
exec cargo "$@"
