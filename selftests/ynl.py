# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's YNL client drives the module by its specification alone: a client
that shares no code with ours, and knows no attribute but by name.

usage: ynl.py DIRECTORY    as printed by ynl-fetch.sh
"""

import contextlib
import functools
import os
import select
import socket
import sys

import yaml

import nl_wire

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
YNL = sys.argv[1]
SPEC = f"{TOP}/include/netlink/droptrace.yaml"
sys.path.append(f"{YNL}/tools/net/ynl")

from lib import NlError, SpecFamily, YnlFamily  # noqa: E402 pylint: disable=wrong-import-position

# Reads the same, ten times as fast; it is read once for every family.
yaml.safe_load = functools.partial(yaml.load, Loader=yaml.CSafeLoader)

NETNS = os.stat("/proc/self/ns/net").st_ino
PORT = 9
PAYLOAD = b"droptrace and ynl"
# UDP to that port, over the network header: ldh [22]; jeq #9; ret #-1; ret #0
OF_PORT = b"".join(code.to_bytes(2, sys.byteorder) + bytes((jt, jf)) + k.to_bytes(4, sys.byteorder)
                   for code, jt, jf, k in ((0x28, 0, 0, 22), (0x15, 0, 1, PORT), (6, 0, 0, 0xFFFFFFFF), (6, 0, 0, 0)))


def same(what, expected, seen):
    assert expected == seen, f"{what}: expected {expected}, seen {seen}"


@contextlib.contextmanager
def family_opened():
    # The schema was held against the specification by the first test.
    family = YnlFamily(SPEC, schema="")
    try:
        yield family
    finally:
        family.sock.close()


def cause_drops(count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(count):
            sender.sendto(PAYLOAD, ("127.0.0.1", PORT))


def await_messages(family, name, count):
    """The messages of a name, once there are as many (events of) them."""
    while True:
        messages = [m["msg"] for m in family.async_msg_queue if m["name"] == name]
        if sum(len(m.get("event", [m])) for m in messages) >= count:
            return messages
        assert select.select([family.sock], [], [], 10)[0], f"no {name} within 10 s"
        family.check_ntf()


def spec_fits_the_kernels_schema():
    spec = SpecFamily(SPEC, f"{YNL}/Documentation/netlink/genetlink.yaml")
    same("name", "droptrace", spec.name)
    same("protocol", "genetlink", spec.proto)


def status_is_understood():
    with family_opened() as family:
        status = family.do("status-get", {})
    same("abi", 1, status["abi"])
    same("features", True,
         {"addresses", "points"} <= status["features"] <= {"reason", "rx-sk", "addresses", "points"})
    same("losses", {"ring-full", "undelivered", "recursion", "rate-limited", "point-missed", "no-context"},
         set(status["loss"]) - {"pad"})
    assert status["uptime-ns"] > 0


def filters_are_added_listed_and_deleted():
    wanted = {"name": "ynl", "expr": "udp port 9", "prog": OF_PORT, "netns": NETNS, "mark": 0x12,
              "mark-mask": 0xFF, "exclude": False, "owned": True, "snaplen": 77, "rate": 1000, "count": 5}
    with family_opened() as family:
        added = family.do("filter-add", wanted)
        [listed] = family.dump("filter-get", {})
        same("id", added["id"], listed["id"])
        for name in set(wanted) - {"prog", "exclude"}:
            same(name, wanted[name], listed[name])
        assert "exclude" not in listed
        family.do("filter-del", {"name": "ynl"})
        same("filters", [], family.dump("filter-get", {}))


def refusal_names_attribute_and_reason():
    with family_opened() as family:
        try:
            family.do("filter-add", {"mark-mask": 1})
        except NlError as refused:
            same("errno", -22, refused.nl_msg.error)
            same("text", "a mask without a mark", refused.nl_msg.extack["msg"])
            same("attribute", ".mark-mask", refused.nl_msg.extack["bad-attr"])
        else:
            raise AssertionError("not refused")


def stop(family):
    """Stops the session; the client of v6.12 stumbles if the end's notification,
    which it takes in, is there before the answer."""
    try:
        family.do("session-stop", {})
    except AttributeError:
        pass


def drops_are_read_as_they_happen():
    with family_opened() as family:
        added = family.do("filter-add", {"prog": OF_PORT, "netns": NETNS, "owned": True})
        session = family.do("session-start", {"stack-depth": 8, "filters": added["id"].to_bytes(4, sys.byteorder)})
        [listed] = family.dump("session-get", {})
        same("session", session["id"], listed["id"])
        same("filters", [added["id"]], listed["filters"])
        same("pid", os.getpid(), listed["pid"])

        cause_drops(3)
        messages = await_messages(family, "session-ntf", 3)
        events = [event for message in messages for event in message["event"]]
        same("events", 3, len(events))
        for event in events:
            check_event(event, added["id"])

        stop(family)
        [end] = await_messages(family, "session-end-ntf", 1)
        same("cause", "stopped", end["end-cause"])
        same("produced", 3, end["produced"])
        same("delivered", 3, end["delivered"])
        same("session", session["id"], end["id"])


def check_event(event, filter_id):
    same("filters", [filter_id], event["filters"])
    same("device", "lo", event["dev"])
    same("protocol", 0x0800, event["l3-protocol"])
    same("namespace", NETNS, event["netns"])
    same("stack", event["location"], event["stack"][0])
    same("length", 28 + len(PAYLOAD), event["len"])
    assert PAYLOAD in event["packet"], event["packet"]


def counters_are_read():
    with family_opened() as family:
        family.do("counter-set", {"enable": 1, "owned": True})
        cause_drops(4)
        rows = [row for row in family.dump("counter-get", {}) if row.get("netns") == NETNS]
        same("packets", 4, sum(row["packets"] for row in rows
                               if row["protocol"] == 0x0800 and row["dev"] == "lo"))
        family.do("counter-set", {"enable": 0, "owned": True})
        same("rows", [], family.dump("counter-get", {}))


def closing_ends_it():
    with family_opened() as family:
        family.do("filter-add", {"owned": True})
        family.do("session-start", {})
    with family_opened() as family:
        status = family.do("status-get", {})
    same("objects", 0, status["objects"])
    same("armed", 0, status["probe-armed"])


if __name__ == "__main__":
    sys.exit(nl_wire.run([
        spec_fits_the_kernels_schema, status_is_understood, filters_are_added_listed_and_deleted,
        refusal_names_attribute_and_reason, drops_are_read_as_they_happen, counters_are_read, closing_ends_it,
    ]))
