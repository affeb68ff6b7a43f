#!/bin/sh
# Completion offers every command and every option that --help tells, and nothing else: the
# functions of both shells are run.
set -eu
restudy=$RESTUDY_BUILD/restudy
here=$(cd "$(dirname "$0")/../.." && pwd)
command -v bash >/dev/null || { echo "bash is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "completion: $*"
	exit 1
}

# commands: the words that begin the lines of a summary.
commands() { "$restudy" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'; }
# options COMMAND: the options --help tells, one a line.
options() { "$restudy" "$1" --help | sed 1d | grep -oE '(^|[ ,(])--?[a-z][a-z-]*' | tr -d ' ,(' | LC_ALL=C sort -u; }

# What bash offers after the words.
offer() {
	bash -c '. "$0"; COMP_WORDS=(restudy "$@"); COMP_CWORD=$#; _restudy; printf "%s\n" "${COMPREPLY[@]}"' \
		"$here/completion/restudy.bash" "$@" | sed '/^$/d' | LC_ALL=C sort -u
}
differs() { diff "$1" "$2" >"$work/diff" && return 1; cat "$work/diff"; return 0; }

[ "$(commands | wc -l)" -gt 10 ] || fail "--help tells no commands"
commands | LC_ALL=C sort >"$work/told"
offer "" | grep -vx 'help\|--help\|--version' >"$work/offered" || fail "bash offers no command"
! differs "$work/told" "$work/offered" || fail "commands (told < > offered by bash)"

for c in $(commands); do
	options "$c" >"$work/told"
	offer "$c" - | grep -vx -e '-h' -e '--help' >"$work/offered" || :
	! differs "$work/told" "$work/offered" || fail "options of $c (told < > offered by bash)"
done

# A wrong completion is noticed: the comparison itself refuses one option less.
options run >"$work/told"
sed 1d "$work/told" >"$work/offered"
differs "$work/told" "$work/offered" >/dev/null || fail "the comparison accepts what differs"

# Values, files, words of the plan.
[ "$(offer run --accel k)" = kvm ] || fail "--accel k is not kvm"
[ "$(offer run "$here/thesis-plan.xml" --profile "")" = "$(printf 'quick\nthesis')" ] || fail "profiles of the plan"
offer run "$here/thesis-plan.xml" --only "sys" | grep -qx system=host || fail "systems of the plan"
[ "$(offer check "$here/thesis-pl")" = "$here/thesis-plan.xml" ] || fail "check does not offer the plan"
offer check "$here/README" | grep . && fail "check offers what is no plan"

# zsh: its helpers say what they were asked for.
if command -v zsh >/dev/null; then
	zsh -n "$here/completion/restudy.zsh"
	zoffer() {
		zsh -fc '_arguments() { print -l -- "$@" } ; _describe() { print -l -- ${(P)2} }
			words=(restudy "${@:2}"); CURRENT=$#words; source $1' zsh "$here/completion/restudy.zsh" "$@"
	}
	for c in $(commands); do
		zoffer "" | grep -q "^$c:" || fail "zsh does not offer $c"
		options "$c" >"$work/told"
		zoffer "$c" - | sed -n 's/^\(--*[a-z][a-z-]*\).*/\1/p' | LC_ALL=C sort -u >"$work/offered"
		! differs "$work/told" "$work/offered" || fail "options of $c (told < > offered by zsh)"
	done
fi
