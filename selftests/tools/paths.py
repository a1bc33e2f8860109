#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges what `dropctl trace --json` or `dropctl diagnose --json` wrote: each rule is a
Python expression over the paths of a file, and a result.

usage: paths.py PATHS.json RULES

RULES has a line for each rule: its name, a tab, an expression. Names in it:

    paths            all of them; `path` is the first
    frame(f)         the first call of function f on `path`
    ran(f, text)     the source lines, among those of f, that hold this text; of functions
                     inlined into it, too. Needs the source ($SOURCE): else by number.
    lines(f)         numbers of the lines that f ran, in order, inlined ones too
    inlined(f)       names of functions inlined into f that ran
    calls(f)         (callee, retval) of each call that f made, in order
    values(f, e)     every value of expression e in f, at lines, entry or exit
    notes(f, e)      what is wrong with these, where anything is
    answer           the first diagnosis; links: its chain and what is in "also"
    returned         (callee, retval) of all of these
    by_reason        this kernel's routing returns drop reasons, not errors (since 6.14)
"""
import json
import os
import sys

with open(sys.argv[1]) as file:
    everything = [json.loads(line) for line in file]
paths = [each for each in everything if each["type"] == "path"]
path = paths[0] if paths else None
answer = next((each for each in everything if each["type"] == "diagnosis"), None)
links = answer["chain"] + answer["also"] if answer else []
returned = [(link["callee"], link["retval"]) for link in links]


by_reason = tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (6, 14)


def frames(name):
    return [f for f in path["frames"] if f["function"] == name]


def frame(name):
    return frames(name)[0]


def lines(name):
    return [line["line"] for f in frames(name) for line in f["lines"]]


def inlined(name):
    return {g for f in frames(name) for line in f["lines"] for g in line["inline"][:-1]}


def calls(name):
    return [(call["callee"], call["retval"]) for f in frames(name) for call in f["calls"]]


def values(name, expression):
    found = []
    for f in frames(name):
        for place in [f] + f["lines"]:
            if expression in place["values"]:
                found.append(place["values"][expression])
    return found


def notes(name, expression):
    return [place["notes"][expression] for f in frames(name) for place in [f] + f["lines"]
            if expression in place.get("notes", {})]


sources = {}


def source(file, number):
    if file not in sources:
        top = os.environ.get("SOURCE", "")
        try:
            with open(os.path.join(top, file)) as text:
                sources[file] = text.read().splitlines()
        except OSError:
            sources[file] = []
    text = sources[file]
    return text[number - 1] if 0 < number <= len(text) else ""


def ran(name, text):
    return [line["line"] for f in frames(name) for line in f["lines"]
            if line["file"] and text in source(line["file"], line["line"])]


def verdict(expression):
    try:
        good = eval(expression)
    except Exception as error:  # a rule that does not fit what is there has failed
        return False, f"{type(error).__name__}: {error}"
    return good, ""


def main():
    with open(sys.argv[2]) as rules:
        for rule in rules:
            name, expression = rule.rstrip("\n").split("\t")
            good, why = verdict(expression)
            if not good and not why:
                got = json.dumps(answer or path)[:3000]
                why = f"{expression}\\ngot: {got}"
            print("ok" if good else "not ok", name, why, sep="\t")


main()
