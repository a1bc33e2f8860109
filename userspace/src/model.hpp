// SPDX-License-Identifier: GPL-2.0-only
// What dropctl knows of the world, as passive values: what the module said,
// decoded, and nothing of how it was said. No libnl, libdw or libpcap type here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dropctl {

/// Events lost, by cause; see the attribute set "loss" of the netlink spec.
struct Loss {
    uint64_t ring_full = 0;
    uint64_t undelivered = 0;
    uint64_t recursion = 0;
    uint64_t rate_limited = 0;
    uint64_t point_missed = 0; ///< points that were passed without being seen
    uint64_t no_context = 0;   ///< packets whose way there was no room to follow

    /// What was lost against the user's will: a rate that he asked for is not.
    [[nodiscard]] uint64_t total() const { return ring_full + undelivered + recursion; }
    bool operator==(const Loss &) const = default;
};

/// One dropped packet as recorded by the module. Reused by the decoder for the
/// next event, so that a stream costs no allocation per event.
struct Event {
    uint64_t time_ns = 0; ///< CLOCK_REALTIME
    uint32_t cpu = 0;
    uint64_t skb = 0;               ///< 0: not to be seen by this client
    std::optional<uint32_t> reason; ///< the running kernel's number
    uint64_t location = 0;          ///< return address; 0: see symbol
    std::string symbol;             ///< "symbol+0xoff/0xsize [module]" where there is no address
    std::vector<uint32_t> filters;  ///< ids of the filters that matched
    std::string dev;                ///< empty: unknown
    uint32_t ifindex = 0;
    uint32_t netns = 0; ///< inode number, 0: unknown
    uint32_t mark = 0;
    uint32_t len = 0;         ///< bytes from the network header on
    uint16_t protocol = 0;    ///< skb->protocol, host order
    uint16_t l3_protocol = 0; ///< EtherType behind VLAN tags, 0: unknown
    uint16_t vlan_tpid = 0;   ///< 0: not tagged
    uint16_t vlan_tci = 0;
    uint8_t pkt_type = 0;              ///< PACKET_HOST, ...
    std::optional<uint16_t> l3_offset; ///< in packet
    std::optional<uint16_t> l4_offset; ///< in packet
    std::vector<uint8_t> packet;       ///< from the link or network header on, cut at snaplen
    std::optional<uint32_t> pid;       ///< only in task context
    std::string comm;
    std::vector<uint64_t> stack; ///< return addresses, innermost first
    uint64_t context = 0;        ///< of the path that it belongs to, 0: none
};

/// A filter, as asked for and as listed.
struct Filter {
    uint32_t id = 0;
    std::string name;
    std::string expr; ///< text; the program is made from it
    std::string inner_expr;
    std::string dev;
    uint32_t netns = 0; ///< inode number, 0: any
    std::optional<uint32_t> mark;
    uint32_t mark_mask = 0xffffffff;
    std::vector<uint32_t> reasons;
    std::string function;
    bool exclude = false;
    bool owned = false;
    std::optional<uint32_t> snaplen; ///< bytes
    uint32_t rate = 0;               ///< events per second, 0: no limit
    uint64_t count = 0;              ///< events, 0: no limit
    bool stale = false;              ///< its function's module was unloaded
    uint64_t hits = 0;
    uint64_t rate_limited = 0;
    uint64_t errors = 0;
};

/// A session as listed.
struct Session {
    uint32_t id = 0;
    uint32_t portid = 0;
    uint32_t pid = 0;
    std::string comm;
    uint32_t ring_size = 0; ///< bytes per CPU
    uint32_t snaplen = 0;
    uint32_t stack_depth = 0;
    std::vector<uint32_t> filters; ///< empty: all
    bool streaming = false;
    uint64_t produced = 0;
    uint64_t delivered = 0;
    Loss loss;
};

/// State of the module.
struct Status {
    std::string module_version;
    uint32_t abi = 0;
    bool has_reason = false;
    bool has_rx_sk = false;
    bool sees_addresses = false;
    bool has_points = false;
    uint64_t uptime_ns = 0;
    bool probe_armed = false;
    bool counting = false;
    uint32_t sessions = 0;
    uint32_t filters = 0;
    uint32_t objects = 0;
    uint64_t produced = 0;
    uint64_t delivered = 0;
    Loss loss;
};

/// One row of the drop counters, the shares of all CPUs added up.
struct Counter {
    uint64_t location = 0;
    std::string symbol;
    std::optional<uint32_t> reason;
    uint32_t netns = 0;
    uint32_t ifindex = 0;
    std::string dev;
    uint16_t protocol = 0;
    uint64_t packets = 0;
    uint64_t bytes = 0;
    bool overflow = false; ///< counts what found no room; has no key
};

/// A function that a place lies in, and where in it.
struct Frame {
    std::string function; ///< without suffix
    std::string file;     ///< relative to the kernel tree; empty: unknown
    uint32_t line = 0;
    bool operator==(const Frame &) const = default;
};

/// A place in the kernel's code, resolved as far as the machine allows.
struct Location {
    uint64_t address = 0;             ///< as recorded (a return address), 0: unknown
    std::string symbol;               ///< kernel's symbol, with compiler suffix; empty: unknown
    uint64_t offset = 0;              ///< of the address in the symbol, bytes
    std::string module;               ///< empty: the kernel itself
    std::string function;             ///< innermost inlined function, without suffix
    std::vector<std::string> inlined; ///< from it to the symbol's own function, both included
    std::string file;                 ///< relative to the kernel tree; empty: no debug information
    uint32_t line = 0;
    std::vector<Frame> frames; ///< the chain with places: where each inlined function was called
};

} // namespace dropctl
