#compdef restudy
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of restudy for zsh.

_restudy_ids()
{
	local word
	local -a ids
	for word in $words; do
		[[ $word == *.xml && -r $word ]] &&
			ids+=($(sed -n "s/.*<$1 [^>]*id=\"\([^\"]*\)\".*/\1/p" $word))
	done
	compadd -- $ids
}

_restudy()
{
	local -a commands help plan run where json
	help=('(- *)'{-h,--help}'[print the usage]')
	plan=('1:plan:_files -g "*.xml"')
	run=('1:run folder or bag:_files')
	json=('--json[print JSON]')
	where=(
		{-p,--profile}'[durations and repeats]:profile:_restudy_ids profile'
		{-t,--testbed}'[where it is measured]:testbed:(virtual local ssh\://)'
		'--accel[how the virtual testbed executes]:kind:(auto kvm tcg)'
	)
	commands=(
		'check:validate a plan, and warn of known benchmarking sins'
		'steps:dry run: every command, what it changes, how long it takes'
		'doctor:what works on this machine, and what mends the rest'
		'run:run a plan: machines, guests, benchmarks, report'
		'status:what a run has: each cell, its state, its reason, what disturbed it'
		"report:render a run's figures, tables and report again"
		"claims:the paper's claims with their verdicts, by interval"
		'compare:runs against runs and against published numbers'
		'audit:find published numbers and listings that cannot be right'
		"export:a run's samples as CSV, JSON lines, PTS composite.xml or SQLite"
		'import:a run folder from results that were recorded elsewhere'
		'archive:pack a run into a bag that anyone can verify and render again'
		'verify:check a bag, read its raw bytes and make its report again, compare'
		'deposit:bring a bag to a repository (InvenioRDM, Zenodo, WebDAV)'
		'clean:find and remove what a killed run left behind'
		'help:print the commands'
	)
	if (( CURRENT == 2 )); then
		_describe command commands
		_arguments '--help[print the commands]' '--version[print the version]'
		return
	fi
	shift words
	(( CURRENT-- ))
	case $words[1] in
	check) _arguments $help $plan $json ;;
	steps) _arguments $help $plan $where ;;
	doctor) _arguments $help $plan ;;
	run)
		_arguments $help $plan $where \
			{-o,--output}'[run folder]:folder:_files -/' \
			'--resume[go on with the run in the folder]' \
			'--seed[order of cells and resampling]:number:' \
			'--only[one system or benchmark]:system=ID or benchmark=ID:' \
			"--keep-testbed[leave the virtual machine's disks]" ;;
	status | claims) _arguments $help $run $json ;;
	report)
		_arguments $help $run \
			{-o,--output}'[where to write]:folder:_files -/' \
			'--language[of the report]:language:(en de)' \
			'--template[report document]:file:_files' \
			'--explain[the way to each value of an exhibit]:exhibit:' ;;
	compare)
		_arguments $help '*:run folder, bag or the word published:_files' \
			{-o,--output}'[write all outputs as files]:folder:_files -/' \
			'--json[print JSON]' '--csv[print the ratios as CSV]' '--html[print a page]' \
			'--language[of page and figures]:language:(en de)' ;;
	audit) _arguments $help '1:plan or run folder:_files' $json ;;
	export)
		_arguments $help '1:format:(csv jsonl pts sqlite)' '2:run folder or bag:_files' \
			{-o,--output}'[where to write]:file:_files' ;;
	import)
		_arguments $help '1:format:(benchexec csv hyperfine pts siege sysbench unixbench)' \
			'*:recorded file:_files' \
			{-o,--output}'[run folder to make]:folder:_files -/' \
			{-p,--plan}'[the plan the results belong to]:plan:_files -g "*.xml"' \
			{-s,--system}'[of files that name none]:system:' \
			{-b,--benchmark}'[of the plan]:benchmark:' \
			'--better[direction of metrics]:direction:(higher lower)' ;;
	archive)
		_arguments $help '1:run folder:_files -/' \
			{-o,--output}'[where to write]:bag:_files' \
			'--format[of the bag]:format:(tar.zst zip folder)' \
			'--author[who made the run]:Family, Given:' \
			'--orcid[of the author]:ORCID:' \
			'--affiliation[of the author]:institution:' \
			'--license[of the data]:SPDX identifier:' ;;
	verify) _arguments $help '1:bag:_files' '--no-render[do not make the report again]' ;;
	deposit)
		_arguments $help '1:bag:_files' \
			'--to[server or WebDAV folder]:URL:_urls' \
			'--kind[of server]:kind:(invenio webdav)' \
			'--token-file[file with the token]:file:_files' \
			'--author[who made the run]:Family, Given:' \
			'--orcid[of the author]:ORCID:' \
			'--license[of the data]:SPDX identifier:' \
			'--reserve-doi[ask for a DOI before publishing]' \
			'--publish[publish the draft; cannot be undone]' ;;
	clean) _arguments $help {-n,--dry-run}'[only say what would be removed]' '*:folder:_directories' ;;
	esac
}

_restudy "$@"
