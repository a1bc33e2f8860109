#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds what `dropctl monitor --json` wrote against what must be true.

    judge.py contract FILE             keys and types of every line
    judge.py drops FILE EXPECTATIONS   the drops that were to be seen, or not
    judge.py symbols FILE              every address against another symboliser
    judge.py trace FILE TRACE FROM TO  every drop against the kernel's own trace, which
                                       was on between these times (ns, as of the drops)
    judge.py hits FILE FILTERS NAME…   what each filter counts against its drops; FILTERS
                                       is from `dropctl list-filters --json`, and the
                                       ones of NAME matched one that was excluded

Prints a line for each verdict: "ok" or "not ok", a tab, its name, and for a
failure another tab and why (newlines as "\\n").

EXPECTATIONS has four columns between tabs: a name, how many drops ("3", "1+"), a
Python expression that selects them, and one that holds for each of them. Their
variables are the keys of the drop's location and packet, and reason, filter, time,
cpu, stack (the functions, inlined ones too), and the whole drop as "drop"; "inner" has attributes too. because(REASON,
...) holds for these reasons, and on a kernel that gives none; "dropper" is the
innermost function that is not there to free packets (newer kernels inline those), and
at(FILE) holds if that is where the line is, or such a function's. Numbers of namespaces
are given as variables with --netns NAME=INODE.
"""
import bisect
import collections
import json
import os
import re
import struct
import subprocess
import sys

RELEASE = os.uname().release
DEBUG = f"/usr/lib/debug/lib/modules/{RELEASE}"


def verdict(name, why=""):
    why = str(why).replace("\n", "\\n").replace("\t", " ")
    print(f"not ok\t{name}\t{why}" if why else f"ok\t{name}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def drops_of(path):
    return [line for line in read(path) if line["type"] == "drop"]


# --- contract ----------------------------------------------------------------

NUMBER, TEXT, NULL = int, str, type(None)
REAL = (int, float)
MAYBE_TEXT, MAYBE_NUMBER = (str, NULL), (int, NULL)

LOCATION = {"symbol": MAYBE_TEXT, "offset": MAYBE_NUMBER, "module": MAYBE_TEXT,
            "function": MAYBE_TEXT, "inline": list, "file": MAYBE_TEXT, "line": MAYBE_NUMBER}
HEADERS = {"l3": MAYBE_TEXT, "src": MAYBE_TEXT, "dst": MAYBE_TEXT, "l4": MAYBE_TEXT}
PACKET = {"dev": MAYBE_TEXT, "ifindex": MAYBE_NUMBER, "netns": MAYBE_NUMBER, "mark": NUMBER,
          "len": NUMBER, **HEADERS}
LOSSES = {"total": NUMBER, "ring_full": NUMBER, "undelivered": NUMBER, "recursion": NUMBER}
TYPES = {
    "drop": {"time_ns": NUMBER, "cpu": NUMBER, "filter": list, "reason": MAYBE_TEXT,
             "location": dict, "packet": dict},
    "summary": {"events": NUMBER, "seconds": REAL, "produced": NUMBER, "delivered": NUMBER,
                "lost": dict},
    "loss": {},
    "filter": {"id": NUMBER, "name": MAYBE_TEXT, "hits": NUMBER},
    "counter": {"location": (dict, NULL), "reason": MAYBE_TEXT, "packets": NUMBER,
                "bytes": NUMBER, "dev": MAYBE_TEXT, "netns": MAYBE_NUMBER},
    "status": {"loaded": bool},
}


def keys(found, wanted, where):
    for key, kind in wanted.items():
        if key not in found:
            raise ValueError(f"{where} has no {key}")
        if not isinstance(found[key], kind) or (isinstance(found[key], bool) and kind is not bool):
            raise ValueError(f"{where}.{key} is {found[key]!r}")


def location_holds(found, where):
    keys(found, LOCATION, where)
    known = [found[key] is not None for key in ("file", "line")]
    if any(known) != all(known):
        raise ValueError(f"{where} has a file or a line, not both")
    if found["symbol"] is not None and found["offset"] is None:
        raise ValueError(f"{where} has a symbol without an offset")
    if found["inline"] and found["inline"][0] != found["function"]:
        raise ValueError(f"{where}.inline does not begin with its function")
    if found["file"] is not None:
        if not found["inline"]:
            raise ValueError(f"{where} has a line and no chain of functions")
        if found["file"].startswith("/") or "debian/build" in found["file"]:
            raise ValueError(f"{where}.file is not relative to the kernel tree: {found['file']}")
    for name in found["inline"]:
        if "." in name:
            raise ValueError(f"{where}.inline has a compiler's suffix: {name}")


def headers_hold(found, where):
    keys(found, HEADERS, where)
    if ("sport" in found) != ("dport" in found):
        raise ValueError(f"{where} has one port of two")
    for port in ("sport", "dport"):
        if port in found and not 0 <= found[port] <= 65535:
            raise ValueError(f"{where}.{port} is {found[port]!r}")
    if "inner" in found:
        headers_hold(found["inner"], where + ".inner")


def line_holds(line):
    if not isinstance(line, dict) or line.get("schema") != 1:
        raise ValueError("schema is not 1")
    kind = line.get("type")
    if kind not in TYPES:
        raise ValueError(f"type is {kind!r}")
    keys(line, TYPES[kind], kind)
    if kind == "drop":
        location_holds(line["location"], "location")
        keys(line["packet"], PACKET, "packet")
        headers_hold(line["packet"], "packet")
        for number, frame in enumerate(line.get("stack", [])):
            location_holds(frame, f"stack[{number}]")
        if not all(isinstance(name, str) for name in line["filter"]):
            raise ValueError("filter has other things than names")
    if kind in ("summary", "status") and "lost" in line:
        keys(line["lost"], LOSSES, "lost")
        if line["lost"]["total"] != sum(v for k, v in line["lost"].items() if k != "total"):
            raise ValueError("lost.total is not the sum of the losses")
    if kind == "counter" and line["location"] is not None:
        location_holds(line["location"], "location")


def contract(path):
    with open(path, "rb") as file:
        data = file.read()
    why = "" if data.endswith(b"\n") or not data else "the last line has no end"
    for number, text in enumerate(data.split(b"\n")[:-1], 1):
        try:
            line_holds(json.loads(text.decode("utf-8")))
        except ValueError as error:
            why = why or f"line {number}: {error}: {text[:600].decode(errors='replace')}"
    verdict("every line is an object as the contract has it", why)


# --- drops -------------------------------------------------------------------

class Attributes:
    """The keys of an object as attributes, None where there is no such key."""

    def __init__(self, content):
        self.__dict__.update(content or {})

    def __getattr__(self, name):
        return None


class Variables(dict):
    def __missing__(self, name):
        if hasattr(__builtins__, name):
            raise KeyError(name)
        return None


def variables(drop, netns, has_reasons):
    values = Variables(netns)
    values["because"] = lambda *names: drop["reason"] in names or not has_reasons
    values.update(drop["location"])
    values.update(drop["packet"])
    chain = drop["location"]["inline"]
    dropper = next((name for name in chain if not FREEING.fullmatch(name)), None)
    values["dropper"] = dropper
    values["at"] = lambda file: drop["location"]["file"] == file or dropper != chain[0]
    values["inner"] = Attributes(drop["packet"].get("inner"))
    stack = [name for frame in drop.get("stack", []) for name in frame["inline"]]
    values.update(drop=drop, reason=drop["reason"], filter=drop["filter"], cpu=drop["cpu"],
                  time=drop["time_ns"], stack=stack)
    return values


# Inlined by whoever calls them, but for some kernels.
FREEING = re.compile(r"(__)?(dev_)?kfree_skb(_\w+)?|sk_skb_reason_drop")


def brief(drop):
    place, packet = drop["location"], drop["packet"]
    return json.dumps({"reason": drop["reason"], "filter": drop["filter"], **place, **packet})


def expectation(line, events):
    name, count, select, expect = line.rstrip("\n").split("\t")
    chosen = [(drop, values) for drop, values in events if eval(select, {}, values)]
    why = []
    wanted = int(count.rstrip("+"))
    if len(chosen) < wanted or (len(chosen) > wanted and not count.endswith("+")):
        why.append(f"{len(chosen)} drops of: {select}; wanted {count}; among {len(events)}")
        why += [brief(drop) for drop, _ in chosen[:8]]
    for drop, values in chosen:
        if not eval(expect, {}, values):
            why.append(f"not so: {expect}\n{brief(drop)}")
    verdict(name, "\n".join(why[:10]))


def drops(path, expectations, netns):
    found = drops_of(path)
    has_reasons = any(drop["reason"] is not None for drop in found)
    events = [(drop, variables(drop, netns, has_reasons)) for drop in found]
    with open(expectations, encoding="utf-8") as file:
        for line in file:
            expectation(line, events)


# --- symbols -----------------------------------------------------------------

def kernel_symbols():
    """Addresses in order, and the names at each, with their modules."""
    names = collections.defaultdict(set)
    with open("/proc/kallsyms", encoding="ascii") as file:
        for line in file:
            parts = line.split()
            if parts[1] in "tTwW":
                module = parts[3][1:-1] if len(parts) > 3 else None
                names[int(parts[0], 16)].add((parts[2], module))
    return sorted(names), names


def link_base(vmlinux):
    """Where the kernel's text was linked: its first segment."""
    with open(vmlinux, "rb") as file:
        start, = struct.unpack_from("<Q", file.read(64), 32)
        file.seek(start)
        return struct.unpack_from("<Q", file.read(56), 16)[0]


def other_symboliser(file, addresses, in_module):
    """{address: [(function, path, line), …innermost first]}"""
    command = ["addr2line", "-j", ".text"] if in_module else ["addr2line"]
    if not in_module and any(os.access(f"{d}/llvm-symbolizer", os.X_OK)
                             for d in os.environ["PATH"].split(":")):
        # Reads what it needs instead of all of the kernel.
        command = ["llvm-symbolizer", "--output-style=GNU"]
    command += ["--addresses", "-f", "-i", "-e", file]
    text = subprocess.run(command + [hex(a) for a in addresses], check=True,
                          capture_output=True, text=True).stdout
    chains, chain = {}, None
    lines = iter(text.splitlines())
    for line in lines:
        if re.fullmatch(r"0x[0-9a-f]+", line):
            chain = chains.setdefault(int(line, 16), [])
        elif line:
            path, _, number = next(lines).rpartition(":")
            chain.append((line, path, number.split()[0]))
    return chains


def debug_file(module):
    wanted = module.replace("-", "_")
    for directory, _, files in os.walk(DEBUG):
        for file in files:
            stem = file.split(".ko")[0]
            if ".ko" in file and stem.replace("-", "_") == wanted:
                return os.path.join(directory, file)
    return None


def without_suffix(name):
    return name.split(".")[0]


def compare_chain(place, chain, aliases):
    """What is wrong with a location, "" for nothing. One address has several symbols."""
    functions = [without_suffix(function) for function, _, _ in chain]
    if chain[0][1] == "??":
        return ""  # it does not know: assembler, or between two functions
    if {functions[-1], place["symbol"]} <= {name for name, _ in aliases}:
        functions[-1] = without_suffix(place["symbol"])
    if place["inline"] != functions:
        return f"inline is {place['inline']}, not {functions}"
    if place["function"] != functions[0]:
        return f"function is {place['function']}, not {functions[0]}"
    _, path, line = chain[0]
    if not path.endswith("/" + (place["file"] or "?")) or str(place["line"]) != line:
        return f"at {place['file']}:{place['line']}, not {path}:{line}"
    return ""


def symbol_start(address, starts):
    return starts[bisect.bisect_right(starts, address - 1) - 1]


def compare_symbol(place, address, starts, names):
    start = symbol_start(address, starts)
    if (place["symbol"], place["module"]) not in names[start]:
        return f"symbol is {place['symbol']} [{place['module']}], not one of {names[start]}"
    if place["offset"] != address - start:
        return f"offset is {place['offset']}, not {address - start}"
    return ""


def text_section(module):
    with open(f"/sys/module/{module}/sections/.text", encoding="ascii") as file:
        return int(file.read(), 16)


def symbols(path):
    places = {}
    for drop in drops_of(path):
        stack = [drop["location"], *drop.get("stack", [])]
        for place, caller in zip(stack, [*stack[1:], {}]):
            # A module's initialisation has gone once it is done.
            if "address" in place and caller.get("symbol") != "do_one_initcall":
                # As often as it was described differently.
                places[json.dumps(place)] = (int(place["address"], 16), place)
    starts, names = kernel_symbols()
    base = {None: next(a for a in starts if ("_text", None) in names[a]) - link_base(f"{DEBUG}/vmlinux")}
    by_module = collections.defaultdict(list)
    for address, place in places.values():
        by_module[place["module"]].append((address, place))
    wrong, checked = [], 0
    for module, found in by_module.items():
        file = f"{DEBUG}/vmlinux"
        if module:
            file, base[module] = debug_file(module), text_section(module)
        links = sorted({address - 1 - base[module] for address, _ in found})
        chains = file and other_symboliser(file, links, module)
        for address, place in found:
            why = compare_symbol(place, address, starts, names)
            if not why and chains:
                checked += 1
                aliases = names[symbol_start(address, starts)]
                why = compare_chain(place, chains[address - 1 - base[module]], aliases)
            if why:
                wrong.append(f"{place['address']}: {why}")
    verdict("function, inline, file, line of every address are what another symboliser says",
            "\n".join(wrong[:12]) or ("" if checked else "there was nothing to compare"))
    print(f"{checked} addresses compared, modules: {sorted(m for m in by_module if m)}")


# --- trace -------------------------------------------------------------------

# The location as a number, or since 6.8 as "symbol+0x1b/0x2f0 [module]".
RECORD = re.compile(r" kfree_skb: skbaddr=(\w+) .*\blocation=([^\s/]+)\S*"
                    r"(?: \[\w+\])?(?: reason: (\w*))?")


def trace(path, trace_file, begin, end):
    with open(trace_file, encoding="utf-8", errors="replace") as file:
        records = [found for found in map(RECORD.search, file) if found]
    # 6.1 has the field and leaves it empty.
    has_reasons = any(found[3] for found in records)
    has_symbols = any("+" in found[2] for found in records)
    traced, told, meanwhile = (collections.Counter() for _ in range(3))
    for found in records:
        traced[(int(found[1], 16), found[2] if has_symbols else f"{int(found[2], 16):#x}",
                found[3] if has_reasons else None)] += 1
    for drop in drops_of(path):
        place = drop["location"]
        key = (int(drop["skb"], 16),
               f"{place['symbol']}+{place['offset']:#x}" if has_symbols else place["address"],
               drop["reason"] if has_reasons else None)
        told[key] += 1
        # The monitor began before the trace, and ends after it.
        meanwhile[key] += int(begin) <= drop["time_ns"] <= int(end)

    def differences(counter):
        return "\n".join(f"{times} times {skb:#x} at {location} {reason or ''}"
                         for (skb, location, reason), times in list(counter.items())[:8])

    verdict("reports every drop that the kernel's own trace has",
            differences(traced - told) or ("" if traced else "the trace is empty"))
    verdict("reports no drop that the kernel's own trace has not", differences(meanwhile - traced))
    print(f"{len(records)} drops traced, with reasons: {has_reasons}")


# --- hits --------------------------------------------------------------------

def hits(path, filters, *excluded):
    seen = collections.Counter(name for drop in drops_of(path) for name in drop["filter"])
    seen.update(excluded)
    wrong = []
    for listed in read(filters):
        counted = listed["hits"] - listed["rate_limited"]
        if not listed["exclude"] and counted != seen[listed["name"]]:
            wrong.append(f"{listed['name']}: {listed['hits']} hits, {listed['rate_limited']} over "
                         f"its rate, but {seen[listed['name']]} drops")
    verdict("every filter counts the drops that name it", "\n".join(wrong) or
            ("" if seen else "no drop names a filter"))


def main():
    arguments, netns = [], {}
    words = iter(sys.argv[1:])
    for word in words:
        if word == "--netns":
            name, _, inode = next(words).partition("=")
            netns[name] = int(inode)
        else:
            arguments.append(word)
    what, *files = arguments
    if what == "drops":
        drops(*files, netns)
    else:
        {"contract": contract, "symbols": symbols, "trace": trace,
         "hits": hits}[what](*files)


if __name__ == "__main__":
    main()
