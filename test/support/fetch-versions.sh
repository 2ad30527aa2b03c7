#!/bin/sh
# Unpacks the nft and iptables of other Debian releases next to each other, so that tests can ask several versions.
#
#   test/support/fetch-versions.sh [SUITE...]        default: bullseye trixie sid
#
# The packages come from the Debian mirror that apt is configured to use here, through apt itself, with its signatures
# checked, and are unpacked, not installed. They go to $FWLINT_TOOLS (default: ${XDG_CACHE_HOME:-~/.cache}/fwlint-tools),
# a folder per suite. In its bin/ are wrappers that run the programs with their own loader and libraries, so they
# work on any distribution with the same processor. A suite that is there is left alone; delete its folder to refresh it.
# FWLINT_DEBIAN_MIRROR overrides the mirror. Does not need root.
set -u

tools=${FWLINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/fwlint-tools}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
programs="nftables iptables"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# The first configured archive with main in it that is neither the security archive nor another distribution's.
configured_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "main" && $1 ~ /\/debian\/?$/ { print $1; exit }'
}

mirror=${FWLINT_DEBIAN_MIRROR:-$(configured_mirror)}
if [ -z "$mirror" ]; then
  say "apt has no Debian mirror configured; set FWLINT_DEBIAN_MIRROR"
  exit 1
fi

# apt with folders of its own: nothing of the machine's package lists, cache or status is read or written.
apt_of() {
  suite_root=$1
  shift
  apt-get -qq \
    -o Dir::Etc::sourcelist="$suite_root/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o Dir::State="$suite_root/apt/state" -o Dir::State::status="$suite_root/apt/status" \
    -o Dir::Cache="$suite_root/apt/cache" -o Dir::Log="$suite_root/apt/log" \
    -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User=root \
    -o APT::Install-Recommends=false -o APT::Get::AllowUnauthenticated=false "$@"
}

# The wrapper finds its release by its own path, so the folder can be moved.
# write_wrapper BIN NAME PROGRAM [FIRST ARGUMENT]
write_wrapper() {
  {
    printf '#!/bin/sh\n'
    printf 'root=${0%%/*}/..\n'
    printf 'XTABLES_LIBDIR="$root/usr/lib/%s/xtables" exec "$root/%s" --library-path ' "$triplet" "$loader"
    printf '"$root/lib/%s:$root/usr/lib/%s" ' "$triplet" "$triplet"
    printf '"$root/usr/sbin/%s" %s "$@"\n' "$3" "${4-}"
  } >"$1/$2"
  chmod 755 "$1/$2"
}

fetch() {
  suite=$1
  if [ -x "$tools/$suite/bin/nft" ]; then
    say "$suite: already there: $("$tools/$suite/bin/nft" --version)"
    return 0
  fi
  root=$tools/$suite.part
  rm -rf "$root"
  mkdir -p "$root/apt/state/lists/partial" "$root/apt/cache/archives/partial" "$root/apt/log" || return 1
  : >"$root/apt/status"
  printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$root/apt/sources.list"
  if ! apt_of "$root" update || ! apt_of "$root" --yes --download-only install $programs >/dev/null; then
    say "$suite: not reachable through $mirror"
    rm -rf "$root"
    return 1
  fi
  for package in "$root"/apt/cache/archives/*.deb; do
    case ${package##*/} in
      nftables_* | iptables_* | lib*) dpkg-deb --extract "$package" "$root" || return 1 ;;
    esac
  done
  rm -rf "$root/apt" "$root/usr/share" "$root/var" "$root/etc"
  # The loader is a plain file in one of these two places; /lib64 only has a link to it, and not a relative one.
  found=$(find "$root/lib" "$root/usr/lib" -type f \( -name 'ld-linux*.so.*' -o -name 'ld-2.*.so' \) 2>/dev/null | head -n 1)
  if [ -z "$found" ]; then
    say "$suite: no program loader in its libc6"
    return 1
  fi
  loader=${found#"$root/"}
  triplet=$(basename "$(dirname "$found")")
  bin=$root/bin
  mkdir -p "$bin"
  write_wrapper "$bin" nft nft
  for program in iptables ip6tables; do
    for backend in legacy nft; do
      write_wrapper "$bin" "$program-$backend" "xtables-$backend-multi" "$program"
      write_wrapper "$bin" "$program-$backend-save" "xtables-$backend-multi" "$program-save"
      write_wrapper "$bin" "$program-$backend-restore" "xtables-$backend-multi" "$program-restore"
    done
    write_wrapper "$bin" "$program-translate" xtables-nft-multi "$program-translate"
    write_wrapper "$bin" "$program-restore-translate" xtables-nft-multi "$program-restore-translate"
  done
  rm -rf "$tools/$suite"
  mv "$root" "$tools/$suite" || return 1
  say "$suite: $("$tools/$suite/bin/nft" --version), $("$tools/$suite/bin/iptables-nft" --version)"
}

failed=0
mkdir -p "$tools" || exit 1
for suite in ${*:-bullseye trixie sid}; do
  fetch "$suite" || failed=1
done
exit $failed
