// SPDX-License-Identifier: GPL-2.0-only
// The decoder of drops, which runs once for every event of a stream. The module
// sends attributes always in the same order, so the fields are tried in that one,
// each with one comparison of the whole header: no table, no indirect jump, no
// allocation once the buffers have grown. Attributes in another order only cost
// another pass.
#include "nl/decode.hpp"

#include <linux/droptrace.h>

namespace dropctl::nl::decode {

namespace {

/// A place in a run of attributes that moves on when the attribute found there is the one wanted.
class Cursor {
  public:
    explicit Cursor(Bytes bytes) : bytes_(bytes) {}

    /// Bytes are left, the padding of the last attribute apart.
    [[nodiscard]] bool more() const { return at_ < bytes_.size(); }
    [[nodiscard]] size_t position() const { return at_; }

    template <typename Integer> void number(uint16_t type, Integer &value) {
        constexpr size_t length = sizeof(nlattr) + sizeof(value);
        const nlattr wanted{.nla_len = length, .nla_type = type};
        if (at_ + length <= bytes_.size() &&
            std::memcmp(bytes_.data() + at_, &wanted, sizeof(wanted)) == 0) {
            std::memcpy(&value, bytes_.data() + at_ + sizeof(nlattr), sizeof(value));
            at_ += NLA_ALIGN(length);
        }
    }

    template <typename Integer> void number(uint16_t type, std::optional<Integer> &value) {
        Integer plain{};
        const size_t before = at_;
        number(type, plain);
        if (at_ != before) {
            value = plain;
        }
    }

    void text(uint16_t type, std::string &value) {
        Bytes data;
        if (!take(type, data)) {
            return;
        }
        // As the kernel writes them, one NUL and that at the end; else look for it.
        const size_t size = data.size();
        const bool plain = size > 1 && data[size - 1] == 0 && data[size - 2] != 0;
        const auto *start = reinterpret_cast<const char *>(data.data());
        value.assign(start, plain ? size - 1 : read_string(data).size());
    }

    template <typename Integer> void array(uint16_t type, std::vector<Integer> &values) {
        const size_t before = at_;
        Bytes data;
        if (take(type, data) && !read_array(data, values)) {
            at_ = before; // no whole number of them: left to skip(), which refuses it
        }
    }

    void bytes(uint16_t type, std::vector<uint8_t> &value) {
        Bytes data;
        if (take(type, data)) {
            value.assign(data.data(), data.data() + data.size());
        }
    }

    /// Step over an attribute that nobody wants. False if it is one that is known, and
    /// so was of the wrong size, or none at all.
    bool skip() {
        nlattr header{};
        if (bytes_.size() - at_ < sizeof(header)) {
            return false;
        }
        std::memcpy(&header, bytes_.data() + at_, sizeof(header));
        if (header.nla_len < sizeof(header) || header.nla_len > bytes_.size() - at_) {
            return false;
        }
        at_ += NLA_ALIGN(size_t{header.nla_len});
        const int type = header.nla_type & NLA_TYPE_MASK;
        return type == 0 || type == DROPTRACE_A_EVENT_PAD || type > DROPTRACE_A_EVENT_CONTEXT;
    }

  private:
    /// The data of an attribute of any length.
    bool take(uint16_t type, Bytes &data) {
        nlattr header{};
        if (at_ + sizeof(header) > bytes_.size()) {
            return false;
        }
        std::memcpy(&header, bytes_.data() + at_, sizeof(header));
        const size_t length = header.nla_len;
        if (header.nla_type != type || length < sizeof(header) || length > bytes_.size() - at_) {
            return false;
        }
        data = bytes_.subspan(at_ + sizeof(header), length - sizeof(header));
        at_ += NLA_ALIGN(length);
        return true;
    }

    Bytes bytes_;
    size_t at_ = 0;
};

// What no event has, so that what was not sent can be told.
constexpr uint64_t no_time = 0;
constexpr uint32_t no_cpu = UINT32_MAX;

/// Back to an empty event, keeping the memory.
void reset(Event &event) {
    event.time_ns = no_time;
    event.cpu = no_cpu;
    event.skb = 0;
    event.reason.reset();
    event.location = 0;
    event.symbol.clear();
    event.filters.clear();
    event.dev.clear();
    event.ifindex = 0;
    event.netns = 0;
    event.mark = 0;
    event.len = 0;
    event.protocol = 0;
    event.l3_protocol = 0;
    event.vlan_tpid = 0;
    event.vlan_tci = 0;
    event.pkt_type = 0;
    event.l3_offset.reset();
    event.l4_offset.reset();
    event.packet.clear();
    event.pid.reset();
    event.comm.clear();
    event.stack.clear();
    event.context = 0;
}

/// Every field, in the order in which the module sends them (deliver_fill() in kmod/deliver.c).
[[gnu::always_inline]] inline void pass(Cursor &cursor, Event &out) {
    cursor.number(DROPTRACE_A_EVENT_TIME_NS, out.time_ns);
    cursor.number(DROPTRACE_A_EVENT_CPU, out.cpu);
    cursor.number(DROPTRACE_A_EVENT_REASON, out.reason);
    cursor.number(DROPTRACE_A_EVENT_SKB, out.skb);
    cursor.number(DROPTRACE_A_EVENT_LOCATION, out.location);
    cursor.array(DROPTRACE_A_EVENT_STACK, out.stack);
    cursor.text(DROPTRACE_A_EVENT_SYMBOL, out.symbol);
    cursor.array(DROPTRACE_A_EVENT_FILTERS, out.filters);
    cursor.number(DROPTRACE_A_EVENT_IFINDEX, out.ifindex);
    cursor.text(DROPTRACE_A_EVENT_DEV, out.dev);
    cursor.number(DROPTRACE_A_EVENT_NETNS, out.netns);
    cursor.number(DROPTRACE_A_EVENT_MARK, out.mark);
    cursor.number(DROPTRACE_A_EVENT_LEN, out.len);
    cursor.number(DROPTRACE_A_EVENT_PROTOCOL, out.protocol);
    cursor.number(DROPTRACE_A_EVENT_L3_PROTOCOL, out.l3_protocol);
    cursor.number(DROPTRACE_A_EVENT_VLAN_TPID, out.vlan_tpid);
    cursor.number(DROPTRACE_A_EVENT_VLAN_TCI, out.vlan_tci);
    cursor.number(DROPTRACE_A_EVENT_PKT_TYPE, out.pkt_type);
    cursor.number(DROPTRACE_A_EVENT_L3_OFFSET, out.l3_offset);
    cursor.number(DROPTRACE_A_EVENT_L4_OFFSET, out.l4_offset);
    cursor.bytes(DROPTRACE_A_EVENT_PACKET, out.packet);
    cursor.number(DROPTRACE_A_EVENT_PID, out.pid);
    cursor.text(DROPTRACE_A_EVENT_COMM, out.comm);
    cursor.number(DROPTRACE_A_EVENT_CONTEXT, out.context);
}

} // namespace

bool packet(Bytes bytes, Event &out) {
    reset(out);
    Cursor cursor(bytes);
    while (cursor.more()) {
        const size_t before = cursor.position();
        pass(cursor, out);
        if (cursor.position() == before && !cursor.skip()) {
            return false;
        }
    }
    return true;
}

bool event(Bytes bytes, Event &out) {
    return packet(bytes, out) && out.time_ns != no_time && out.cpu != no_cpu;
}

} // namespace dropctl::nl::decode
