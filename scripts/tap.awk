# Reads one test program's output (TAP or KTAP) and prints a record for each
# result: P|F|S, a tab, its name, and for S another tab and the reason. Only
# lines at the margin count; subtests and diagnostics are indented or commented.
# A program that ends badly gets one more F. Variables: status, its exit status;
# cap, the seconds it was given.

function record(kind, name, reason) {
	print kind "\t" name (kind == "S" ? "\t" reason : "")
	seen[kind]++
}

BEGIN { plan = -1 }

/^1\.\.[0-9]+/ {
	split($0, part, /\.\./)
	plan = part[2] + 0
	if (plan == 0) {
		reason = $0
		sub(/^1\.\.0 *(# *[Ss][Kk][Ii][Pp][A-Za-z]*)?[: ]*/, "", reason)
		skipped_all = 1
	}
}

# The kselftest harness names a test here, and a skipped one only here.
/^# +RUN / { running = $3 }

/^Bail out!/ { bailed = $0 }

/^(not )?ok([ \t]|$)/ {
	results++
	good = !/^not /
	name = $0
	sub(/^(not )?ok[ \t]*[0-9]*[ \t]*(-[ \t]+)?/, "", name)
	directive = ""
	# The directive begins at the last " # WORD"; a name may contain a "#".
	if (match(name, /(^|[ \t])#[ \t]*([Ss][Kk][Ii][Pp]|[Tt][Oo][Dd][Oo]|XFAIL|XPASS|SKIP|TIMEOUT|ERROR)/)) {
		directive = substr(name, RSTART)
		name = substr(name, 1, RSTART - 1)
		sub(/^[ \t]*#[ \t]*/, "", directive)
	}
	sub(/[ \t]+$/, "", name)
	if (name == "")
		name = running != "" ? running : "test " results
	if (directive ~ /^[Ss][Kk][Ii][Pp]/) {
		sub(/^[A-Za-z]+:?[ \t]*/, "", directive)
		record("S", name, directive)
	} else if (good || directive ~ /^([Tt][Oo][Dd][Oo]|XFAIL)/) {
		record("P", name)
	} else {
		record("F", name)
	}
}

{ if ($0 != "") last = $0 }

END {
	if (status == 124 || status == 137)
		record("F", "ends within " cap " s")
	else if (bailed != "")
		record("F", bailed)
	else if (status == 4 && !results)
		record("S", "all", last)	# the way a kselftest skips
	else if (skipped_all && !results && status == 0)
		record("S", "all", reason)
	else if (plan < 0)
		record("F", "has a plan (it ended with status " status ")")
	else if (results != plan)
		record("F", "runs to its end: " results + 0 " results of " plan ", status " status)
	else if (status != 0 && status != 4 && !seen["F"])
		record("F", "ends with status 0, not " status)
}
