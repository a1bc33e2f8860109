#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges what `dropctl diagnose --json` says of a drop whose cause is known.

usage: scenario.py ANSWER.json EXPECT

EXPECT has lines KEY=VALUE: name, drop, reason, incomplete, status, cause (several).
A cause is "FUNCTION /REGEX/": any line of that function's definition in the kernel's
source ($SOURCE, else /usr/src/linux-source-*) whose text fits; a statement that goes over
several lines counts from its first to its last.
"""
import functools
import glob
import json
import os
import platform
import re
import sys


def source_tree():
    if os.environ.get("SOURCE"):
        return os.environ["SOURCE"]
    series = ".".join(platform.release().split(".")[:2])
    found = glob.glob(f"/usr/src/linux-source-{series}")
    return found[0] if found else None


@functools.lru_cache(maxsize=None)
def text_of(file):
    tree = source_tree()
    try:
        with open(os.path.join(tree or "", file), encoding="utf-8", errors="replace") as source:
            return source.read().splitlines()
    except OSError:
        return None


def body(lines, function):
    """First and last line (from 1) of each definition of that name."""
    for first, line in enumerate(lines, 1):
        if not re.match(rf"[A-Za-z_].*\b{re.escape(function)}\(", line) and \
           not re.match(rf"{re.escape(function)}\(", line):
            continue
        inside = False
        for last in range(first, len(lines) + 1):
            inside = inside or lines[last - 1].startswith("{")
            if lines[last - 1].startswith("}"):
                yield first, last
                break
            if not inside and lines[last - 1].rstrip().endswith(";"):
                break  # only declared


def statement(lines, number, last):
    """The lines of the statement that is at `number`: while brackets are open."""
    depth, end = 0, number
    for end in range(number, min(last, number + 12) + 1):
        line = re.sub(r'"(\\.|[^"])*"|/\*.*?\*/', "", lines[end - 1])
        depth += line.count("(") - line.count(")")
        if depth <= 0:
            break
    return range(number, end + 1)


def wanted_lines(file, function, regex):
    lines = text_of(file)
    if lines is None:
        return None
    good = set()
    for first, last in body(lines, function):
        for number in range(first, last + 1):
            if re.search(regex, lines[number - 1]):
                good.update(statement(lines, number, last))
    return good


class Cause:
    def __init__(self, text):
        self.function, rest = text.split(None, 1)
        self.regex = rest.strip()[1:-1]

    def function_fits(self, link):
        return link["function"] == self.function

    def line_fits(self, link):
        if not link["file"] or not self.function_fits(link):
            return False
        good = wanted_lines(link["file"], self.function, self.regex)
        return link["line"] in good if good is not None else True


def place(link):
    text = text_of(link["file"]) if link["file"] else None
    line = text[link["line"] - 1].strip() if text and link["line"] else ""
    return f"{link['function']}:{link['line']} {line}"


def main():
    expect, causes = {}, []
    with open(sys.argv[2]) as file:
        for line in file:
            key, value = line.rstrip("\n").split("=", 1)
            if key == "cause":
                if value.strip():
                    causes.append(Cause(value.strip()))
            else:
                expect[key] = value
    name = expect["name"]
    results = []

    def result(good, what, why=""):
        print("ok" if good else "not ok", f"{name}: {what}", "" if good else why, sep="\t")
        return good

    with open(sys.argv[1]) as file:
        answers = [json.loads(line) for line in file]
    answer = next((each for each in answers if each["type"] == "diagnosis"), None)
    if not result(answer is not None, "there is a diagnosis", f"status {expect['status']}"):
        print(f"SCORE {name} none")
        return
    links = answer["chain"]
    cause = answer["cause"]
    location = answer["drop"]["location"]
    freed = {location["function"]} | set(location["inline"] or []) | {links[0]["function"] if links else None}
    drop_good = any(each in freed for each in expect["drop"].split("|"))
    result(drop_good, "freed where", f"{location['function']}, {links[0]['function'] if links else None}")
    if expect["reason"]:
        result(answer["drop"]["reason"] in [None] + expect["reason"].split("|"), "reason",
               str(answer["drop"]["reason"]))
    function = cause is not None and any(each.function_fits(cause) for each in causes)
    line = cause is not None and any(each.line_fits(cause) for each in causes)
    also = answer["also"]
    function_also = function or any(each.function_fits(one) for each in causes for one in also + links)
    function_also = function or any(each.function_fits(one) for each in causes for one in also)
    line_also = line or any(each.line_fits(one) for each in causes for one in also)
    wrong = answer["complete"] and not line
    result(not wrong, "nothing wrong is stated as certain", f"cause {place(cause) if cause else None}")
    result(function, "the function that decided", place(cause) if cause else "none")
    result(line or (not answer["complete"] and line_also), "the line that decided",
           place(cause) if cause else "none")
    result(answer["complete"] or expect["incomplete"], "is certain", str(answer["why_incomplete"]))
    marks = [("function", function), ("line", line), ("function_also", function_also),
             ("line_also", line_also), ("complete", answer["complete"]), ("wrong", wrong),
             ("drop", drop_good)]
    print(f"SCORE {name} " + " ".join(what for what, good in marks if good) +
          f" rounds={answer['rounds']}")
    if not line or not answer["complete"]:
        for kind in ("chain", "also"):
            for link in answer[kind]:
                called = f" [{link['callee']} = {link['retval']}]" if link["callee"] else ""
                print(f"{kind}: {link['why']} {place(link)}{called} {link['condition'] or ''}")
        print(f"incomplete: {answer['why_incomplete']}")


main()
