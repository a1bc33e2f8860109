#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The interface is the same three times: in include/netlink/droptrace.yaml, in
include/uapi/linux/droptrace.h, and in the policy that the running kernel gives.

Nothing is compared with a copy of the expected values: each check derives one of
the three from another.
"""

import os
import re
import socket
import sys

import yaml

import nl_wire
from nl_wire import attr, attrs, number

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Flags of an operation, and attributes, of the generic netlink controller.
ADMIN_PERM, CAN_DO, CAN_DUMP, HAS_POLICY, UNS_ADMIN_PERM = 1, 2, 4, 8, 16
CTRL_FAMILY_ID, CTRL_FAMILY_NAME, CTRL_VERSION, CTRL_OPS, CTRL_GROUPS = 1, 2, 3, 6, 7
CTRL_POLICY, CTRL_OP_POLICY = 8, 9
OP_ID, OP_FLAGS = 1, 2
POLICY_DO, POLICY_DUMP = 1, 2
# NL_ATTR_TYPE_*
FLAG, U8, U16, U32, U64, BINARY, NUL_STRING = 1, 2, 3, 4, 5, 10, 12
# NL_POLICY_TYPE_ATTR_*
TYPE, MIN_VALUE, MAX_VALUE, MAX_LENGTH, PAD = 1, 4, 5, 7, 11

KINDS = {"flag": FLAG, "u8": U8, "u16": U16, "u32": U32, "u64": U64,
         "binary": BINARY, "string": NUL_STRING}
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


class Spec:
    def __init__(self):
        with open(f"{TOP}/include/netlink/droptrace.yaml", encoding="utf-8") as file:
            self.yaml = yaml.load(file, Loader=yaml.CSafeLoader)
        self.name = self.yaml["name"]
        self.consts = {d["name"]: d["value"] for d in self.yaml["definitions"] if d["type"] == "const"}
        self.operations = self.yaml["operations"]["list"]
        for value, operation in enumerate(self.operations, self.operations[0].get("value", 1)):
            operation.setdefault("value", value)
        self.sets = {s["name"]: s["attributes"] for s in self.yaml["attribute-sets"]}
        for attributes in self.sets.values():
            for value, attribute in enumerate(attributes, 1):
                attribute.setdefault("value", value)

    def operation(self, name):
        return next(o for o in self.operations if o["name"] == name)

    def attributes(self, operation, *path):
        """The attributes that an operation lists, with all that the set says of them."""
        names = operation
        for step in path:
            names = names.get(step, {})
        by_name = {a["name"]: a for a in self.sets[operation["attribute-set"]]}
        return [by_name[n] for n in (names or {}).get("attributes", [])]

    def limit(self, attribute, check):
        value = attribute.get("checks", {}).get(check)
        return self.consts.get(value, value)


SPEC = Spec()
with open(f"{TOP}/include/uapi/linux/droptrace.h", encoding="utf-8") as header:
    HEADER = header.read()
WIRE = nl_wire.Socket()


def find_family():
    [answer] = WIRE.request(nl_wire.GENL_ID_CTRL, nl_wire.CTRL_CMD_GETFAMILY,
                            attr(CTRL_FAMILY_NAME, SPEC.name.encode() + b"\0"))
    return dict(answer.attrs())


FAMILY = find_family()
FAMILY_ID = number(FAMILY[CTRL_FAMILY_ID])


def same(what, expected, seen):
    assert expected == seen, f"{what}:\n  expected {expected}\n  seen     {seen}"


# --- the header -------------------------------------------------------------


def upper(name):
    return name.upper().replace("-", "_")


def header_enum(prefix):
    """Names and values of the header's enumerators that begin with a prefix."""
    values = {}
    for body in re.findall(r"enum(?: \w+)? \{\n(.*?)\n\}", HEADER, re.S):
        value = -1
        for line in re.findall(r"^\t(\w+)(?: = (\d+))?,", body, re.M):
            value = int(line[1]) if line[1] else value + 1
            if line[0].startswith(prefix):
                values[line[0]] = value
    return values


def header_matches_commands():
    expected = {f"DROPTRACE_CMD_{upper(o['name'])}": o["value"] for o in SPEC.operations}
    same("commands", expected, header_enum("DROPTRACE_CMD_"))


def header_matches_attributes():
    for name, attributes in SPEC.sets.items():
        prefix = f"DROPTRACE_A_{upper(name)}_"
        expected = {prefix + upper(a["name"]): a["value"] for a in attributes}
        same(f"attributes of {name}", expected, header_enum(prefix))
    known = tuple(f"DROPTRACE_A_{upper(name)}_" for name in SPEC.sets)
    others = [name for name in header_enum("DROPTRACE_A_") if not name.startswith(known)]
    same("attributes of no set", [], others)


def header_matches_definitions():
    for definition in SPEC.yaml["definitions"]:
        name = upper(definition["name"])
        if definition["type"] == "const":
            value = re.search(rf"^#define DROPTRACE_{name}\s+(\d+)", HEADER, re.M)
            same(name, definition["value"], value and int(value[1]))
            continue
        entries = {}
        value = definition.get("value-start", 0)
        for entry in definition["entries"]:
            entry_name = entry if isinstance(entry, str) else entry["name"]
            number_of = 1 << value if definition["type"] == "flags" else value
            entries[f"DROPTRACE_{name}_{upper(entry_name)}"] = number_of
            value += 1
        same(name, entries, header_enum(f"DROPTRACE_{name}_"))


# --- the running kernel's policy --------------------------------------------


def family_has_the_version():
    value = re.search(r"^#define DROPTRACE_GENL_VERSION\s+(\d+)", HEADER, re.M)
    same("version", int(value[1]), number(FAMILY[CTRL_VERSION]))


def family_has_no_multicast_groups():
    same("groups", None, FAMILY.get(CTRL_GROUPS))
    same("groups in the spec", None, SPEC.yaml.get("mcast-groups"))


def expected_flags(operation):
    flags = HAS_POLICY
    flags |= CAN_DO if "do" in operation else 0
    flags |= CAN_DUMP if "dump" in operation else 0
    flags |= ADMIN_PERM if "admin-perm" in operation.get("flags", []) else 0
    flags |= UNS_ADMIN_PERM if "uns-admin-perm" in operation.get("flags", []) else 0
    return flags


def family_has_the_operations_and_their_rights():
    expected = {o["value"]: expected_flags(o) for o in SPEC.operations if "event" not in o}
    seen = {}
    for _, operation in attrs(FAMILY[CTRL_OPS]):
        fields = dict(attrs(operation))
        seen[number(fields[OP_ID])] = number(fields[OP_FLAGS])
    same("operations and flags", expected, seen)


def every_operation_needs_privilege():
    for operation in SPEC.operations:
        if "event" not in operation:
            assert "admin-perm" in operation.get("flags", []), operation["name"]


def dump_policies():
    """Policies by index, and indices by operation."""
    policies, indices = {}, {}
    for message in WIRE.request(nl_wire.GENL_ID_CTRL, nl_wire.CTRL_CMD_GETPOLICY,
                                attr(CTRL_FAMILY_NAME, SPEC.name.encode() + b"\0"), dump=True):
        fields = dict(message.attrs())
        for command, nest in attrs(fields.get(CTRL_OP_POLICY, b"")):
            indices[command] = {kind: number(data) for kind, data in attrs(nest)}
        for index, nest in attrs(fields.get(CTRL_POLICY, b"")):
            for attribute, details in attrs(nest):
                policy = {kind: number(data) for kind, data in attrs(details) if kind != PAD}
                policies.setdefault(index, {})[attribute] = policy
    return policies, indices


def expected_policy(attribute):
    kind = attribute["type"]
    policy = {TYPE: KINDS[kind]}
    if kind in SIZES:
        policy[MIN_VALUE] = SPEC.limit(attribute, "min") or 0
        policy[MAX_VALUE] = SPEC.limit(attribute, "max") or (1 << 8 * SIZES[kind]) - 1
    elif kind != "flag":
        # Without a limit a client could make the module allocate what it likes.
        policy[MAX_LENGTH] = SPEC.limit(attribute, "max-len")
    return policy


def policies_match_the_requests():
    policies, indices = dump_policies()
    for operation in SPEC.operations:
        if "event" in operation:
            continue
        modes = indices[operation["value"]]
        same(f"{operation['name']}: do and dump", sorted(m for m in ("do", "dump") if m in operation),
             sorted({POLICY_DO: "do", POLICY_DUMP: "dump"}[m] for m in modes))
        for mode, index in modes.items():
            request = SPEC.attributes(operation, "do" if mode == POLICY_DO else "dump", "request")
            same(f"policy of {operation['name']}",
                 {a["value"]: expected_policy(a) for a in request}, policies.get(index, {}))


def policies_exist_for_no_other_operation():
    _, indices = dump_policies()
    same("operations with a policy", sorted(o["value"] for o in SPEC.operations if "event" not in o),
         sorted(indices))


# --- what the module sends --------------------------------------------------


def check_fields(where, allowed, payload, needed=()):
    """Attributes are those allowed, of the right size, in the order of their numbers."""
    by_value = {a["value"]: a for a in allowed}
    seen = []
    for kind, data in attrs(payload):
        assert kind in by_value, f"{where}: attribute {kind} is not in the specification"
        attribute = by_value[kind]
        name, form = attribute["name"], attribute["type"]
        seen.append(name)
        if form in SIZES:
            same(f"{where}: size of {name}", SIZES[form], len(data))
        elif form == "string":
            assert data.endswith(b"\0") and data.count(0) == 1, f"{where}: {name} is {data}"
        elif form == "flag":
            same(f"{where}: size of {name}", 0, len(data))
        elif form == "nest":
            check_fields(f"{where}: {name}", SPEC.sets[attribute["nested-attributes"]], data)
        elif form == "binary" and "sub-type" in attribute:
            same(f"{where}: rest of {name}", 0, len(data) % SIZES[attribute["sub-type"]])
        if not attribute.get("multi-attr") and form != "pad":
            assert seen.count(name) == 1, f"{where}: {name} twice"
    for name in needed:
        assert name in seen, f"{where}: {name} is missing"
    return seen


def ask(name, payload=b"", needed=()):
    operation = SPEC.operation(name)
    mode = "dump" if "dump" in operation else "do"
    answers = WIRE.request(FAMILY_ID, operation["value"], payload, dump=mode == "dump")
    allowed = SPEC.attributes(operation, mode, "reply")
    pad = [a for a in SPEC.sets[operation["attribute-set"]] if a["type"] == "pad"]
    for answer in answers:
        same(f"{name}: command", operation["value"], answer.command)
        same(f"{name}: version", SPEC.yaml.get("version", 1), answer.version)
        check_fields(name, allowed + pad, answer.payload, needed)
    return answers


def field(set_name, name, data=b""):
    attribute = next(a for a in SPEC.sets[set_name] if a["name"] == name)
    if isinstance(data, int):
        data = data.to_bytes(SIZES[attribute["type"]], sys.byteorder)
    return attr(attribute["value"], data)


def full_filter():
    """A filter with every attribute at its largest."""
    accept = (6).to_bytes(2, sys.byteorder) + b"\0\0" + (1).to_bytes(4, sys.byteorder)
    fields = {
        "name": b"a" * SPEC.consts["name-max"] + b"\0", "dev": b"lo\0",
        "expr": b"e" * SPEC.consts["expr-max"] + b"\0", "prog": accept * 4096,
        "inner-expr": b"i" * SPEC.consts["expr-max"] + b"\0", "inner-prog": accept * 4096,
        "netns": os.stat("/proc/self/ns/net").st_ino, "mark": 0xFFFFFFFF, "mark-mask": 0xFFFFFFFF,
        "function": b"f" * SPEC.consts["expr-max"] + b"\0",
        "ranges": b"".join((0xFFFFFFFF81000000 + i).to_bytes(8, sys.byteorder) for i in range(128)),
        "owned": b"", "snaplen": SPEC.consts["snaplen-max"], "rate": 1000000, "count": (1 << 64) - 1,
    }
    if has_reasons():
        fields["reasons"] = b"\xff" * 256
    return fields


def has_reasons():
    [status] = ask("status-get")
    features = dict(status.attrs())[3]
    return number(features) & 1


def status_reply_matches():
    ask("status-get", needed=["module-version", "abi", "features", "uptime-ns", "probe-armed", "counting",
                              "sessions", "filters", "objects", "produced", "delivered", "loss"])


def filters_of_full_size_come_back():
    fields = full_filter()
    payload = b"".join(field("filter", name, data) for name, data in fields.items())
    told = set(fields) - {"prog", "inner-prog", "ranges"} | {"id", "hits", "rate-limited", "errors"}
    [answer] = ask("filter-add", payload, needed=["id"])
    [listed] = ask("filter-get", needed=told)
    values = dict(listed.attrs())
    same("id in reply and list", dict(answer.attrs())[1], values[1])
    for name in told & set(fields):
        attribute = next(a for a in SPEC.sets["filter"] if a["name"] == name)
        expected = attr(attribute["value"], fields[name]) if isinstance(fields[name], bytes) else \
            field("filter", name, fields[name])
        same(name, list(attrs(expected)), [(attribute["value"], values[attribute["value"]])])
    WIRE.request(FAMILY_ID, SPEC.operation("filter-del")["value"], field("filter", "all"))


def cause_a_drop():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"droptrace", ("127.0.0.1", 9))


def notification_matches():
    stop = SPEC.operation("session-stop")
    own = field("filter", "netns", os.stat("/proc/self/ns/net").st_ino) + field("filter", "owned")
    ask("filter-add", own)
    ask("session-start", field("session", "stack-depth", 16), needed=["id"])
    ask("session-get", needed=["id", "portid", "pid", "comm", "ring-size", "snaplen", "stack-depth",
                               "streaming", "produced", "delivered", "loss"])
    cause_a_drop()
    operation = SPEC.operation("session-ntf")
    allowed = SPEC.attributes(operation, "event")
    seen = check_fields("session-ntf", allowed, WIRE.await_notification(operation["value"]).payload, ["id"])
    assert "event" in seen, "a notification without an event"
    WIRE.request(FAMILY_ID, stop["value"])
    operation = SPEC.operation("session-end-ntf")
    pad = [a for a in SPEC.sets["session"] if a["type"] == "pad"]
    check_fields("session-end-ntf", SPEC.attributes(operation, "event") + pad,
                 WIRE.await_notification(operation["value"]).payload,
                 ["id", "end-cause", "produced", "delivered", "loss"])
    WIRE.request(FAMILY_ID, SPEC.operation("filter-del")["value"], field("filter", "all"))


def counters_match():
    command = SPEC.operation("counter-set")["value"]
    WIRE.request(FAMILY_ID, command, field("counter", "enable", 1) + field("counter", "owned"))
    cause_a_drop()
    assert ask("counter-get", needed=["packets", "bytes", "since-ns"]), "no counter"
    WIRE.request(FAMILY_ID, command, field("counter", "enable", 0) + field("counter", "owned"))


if __name__ == "__main__":
    sys.exit(nl_wire.run([
        header_matches_commands, header_matches_attributes, header_matches_definitions,
        family_has_the_version, family_has_no_multicast_groups,
        family_has_the_operations_and_their_rights, every_operation_needs_privilege,
        policies_match_the_requests, policies_exist_for_no_other_operation,
        status_reply_matches, filters_of_full_size_come_back, notification_matches, counters_match,
    ]))
