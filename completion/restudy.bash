# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of restudy for bash.

# Ids of the profiles, systems or benchmarks of the plan on the command line.
_restudy_ids()
{
	local word
	for word in "${COMP_WORDS[@]:2}"; do
		case $word in
		*.xml) [[ -r $word ]] && sed -n "s/.*<$1 [^>]*id=\"\([^\"]*\)\".*/\1/p" "$word" ;;
		esac
	done
}

_restudy_options()
{
	case $1 in
	check | status | claims | audit) printf "%s\n" --json ;;
	steps) printf "%s\n" -p --profile -t --testbed --accel ;;
	run) printf "%s\n" -o --output -p --profile -t --testbed --accel --resume --seed --only --keep-testbed ;;
	report) printf "%s\n" -o --output --language --template --explain ;;
	compare) printf "%s\n" -o --output --json --csv --html --language ;;
	export) printf "%s\n" -o --output ;;
	import) printf "%s\n" -o --output -p --plan -s --system -b --benchmark --better ;;
	archive) printf "%s\n" -o --output --format --author --orcid --affiliation --license ;;
	verify) printf "%s\n" --no-render ;;
	deposit) printf "%s\n" --to --kind --token-file --author --orcid --license --reserve-doi --publish ;;
	clean) printf "%s\n" -n --dry-run ;;
	esac
	printf "%s\n" -h --help
}

_restudy_formats()
{
	case $1 in
	export) echo csv jsonl pts sqlite ;;
	import) echo benchexec csv hyperfine pts siege sysbench unixbench ;;
	esac
}

# What may follow an option: words, "/files", or nothing that is known.
_restudy_values()
{
	case $1 in
	-p | --profile | --plan) [[ ${COMP_WORDS[1]} == import ]] && echo /files || _restudy_ids profile ;;
	--better) echo higher lower ;;
	-t | --testbed) echo virtual local ssh:// ;;
	--accel) echo auto kvm tcg ;;
	--only) _restudy_ids system | sed 's/^/system=/'; _restudy_ids benchmark | sed 's/^/benchmark=/' ;;
	--language) echo en de ;;
	--format) echo tar.zst zip folder ;;
	--kind) echo invenio webdav ;;
	-o | --output | --template | --token-file) echo /files ;;
	--seed | --explain | -s | --system | -b | --benchmark | --author | --orcid | --affiliation | --license | --to) ;;
	*) return 1 ;;
	esac
}

_restudy()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} values
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W "check steps doctor run status report claims compare audit export \
			import archive verify deposit clean help --help --version" -- "$cur"))
		return
	fi
	if values=$(_restudy_values "$prev"); then
		if [[ $values == /files ]]; then
			compopt -o default 2>/dev/null
		else
			COMPREPLY=($(compgen -W "$values" -- "$cur"))
		fi
		return
	fi
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(_restudy_options "${COMP_WORDS[1]}")" -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]} in
	check | steps | run | doctor)
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -X '!*.xml' -- "$cur") $(compgen -d -- "$cur")) ;;
	export | import)
		if ((COMP_CWORD == 2)); then
			COMPREPLY=($(compgen -W "$(_restudy_formats "${COMP_WORDS[1]}")" -- "$cur"))
		else
			compopt -o default 2>/dev/null
		fi ;;
	compare)
		compopt -o default 2>/dev/null
		((COMP_CWORD > 2)) && COMPREPLY=($(compgen -W published -- "$cur") $(compgen -f -- "$cur")) ;;
	help | -*) ;;
	*) compopt -o default 2>/dev/null ;;
	esac
}

complete -F _restudy restudy
