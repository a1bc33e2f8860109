#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes docs/scenarios.md from what selftests/scenarios.sh printed.

usage: scenario_table.py SCENARIOS KERNEL=OUTPUT…

Several outputs of one kernel: the last one that has a scenario counts.
"""
import collections
import glob
import os
import re
import sys


def setting(text, name):
    found = re.search(rf"^{name}='([^']*)'|^{name}=(\S+)", text, re.M)
    return (found.group(1) or found.group(2)) if found else ""


def marks_of(output):
    with open(output, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = re.match(r"# SCORE (\S+) (.*)", line)
            if found:
                yield found.group(1), set(found.group(2).split())


def verdict(marks):
    if marks is None:
        return ""
    if "none" in marks:
        return "no drop seen"
    sure = "" if "complete" in marks else ", unsure"
    if "line" in marks:
        return "right" + sure
    if "line_also" in marks:
        return ("**wrong**" if "complete" in marks else "unsure") + ", beside it right"
    if "function" in marks:
        return ("**wrong**" if "complete" in marks else "unsure") + " line, right function"
    return "**wrong**" if "complete" in marks else "unsure"


def main():
    results = collections.defaultdict(dict)
    for argument in sys.argv[2:]:
        kernel, output = argument.split("=", 1)
        results[kernel].update(marks_of(output))
    kernels = sorted(results, key=lambda release: [int(part) for part in re.findall(r"\d+", release)])
    print("# Scenarios\n\nDrops whose cause is known, made for real and diagnosed: "
          "`make check-scenarios`. Each\nfile in selftests/scenarios/ says which condition decides "
          "and what helps. \"Unsure\" is an answer\nthat says itself that it is not complete. Written by "
          "`selftests/scenarios.sh --table\nKERNEL=OUTPUT…` from the output of runs, not all of the same build;\nthe last run of a scenario counts.\n")
    for kernel in kernels:
        all_marks = list(results[kernel].values())

        def count(what, all_marks=all_marks):
            return sum(what in marks for marks in all_marks)
        print(f"{kernel}: of {len(all_marks)}, the function is right in {count('function')}, the line in "
              f"{count('line')};\nwith what stands beside it {count('function_also')} and "
              f"{count('line_also')}; wrong and stated as certain: {count('wrong')}.\n")
    print("| scenario | what decides | " + " | ".join(kernels) + " |")
    print("|---|---|" + "---|" * len(kernels))
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.sh"))):
        name = os.path.basename(path)[:-3]
        with open(path, encoding="utf-8") as file:
            truth = setting(file.read(), "truth").replace("|", "\\|")
        row = [verdict(results[kernel].get(name)) or "not run" for kernel in kernels]
        print(f"| {name} | {truth} | " + " | ".join(row) + " |")


main()
