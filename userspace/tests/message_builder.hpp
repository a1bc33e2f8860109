// SPDX-License-Identifier: GPL-2.0-only
// Netlink messages by hand, as the module would send them; for tests and benchmarks.
#pragma once

#include <linux/droptrace.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace dropctl::test {

/// A run of attributes; the payload of a nest too.
class Payload {
  public:
    Payload &raw(uint16_t type, const void *data, size_t size) {
        const nlattr header{.nla_len = static_cast<uint16_t>(sizeof(nlattr) + size),
                            .nla_type = type};
        append(&header, sizeof(header));
        append(data, size);
        bytes_.resize(NLA_ALIGN(bytes_.size()));
        return *this;
    }
    template <typename Integer> Payload &number(uint16_t type, Integer value) {
        return raw(type, &value, sizeof(value));
    }
    Payload &text(uint16_t type, const std::string &value) {
        return raw(type, value.c_str(), value.size() + 1);
    }
    Payload &flag(uint16_t type) { return raw(type, nullptr, 0); }
    template <typename Element> Payload &array(uint16_t type, const std::vector<Element> &values) {
        return raw(type, values.data(), values.size() * sizeof(Element));
    }
    Payload &nest(uint16_t type, const Payload &inner) {
        return raw(static_cast<uint16_t>(type | NLA_F_NESTED), inner.bytes_.data(),
                   inner.bytes_.size());
    }
    [[nodiscard]] const std::vector<uint8_t> &bytes() const { return bytes_; }

  private:
    void append(const void *data, size_t size) {
        if (size != 0) {
            const size_t at = bytes_.size();
            bytes_.resize(at + size);
            std::memcpy(bytes_.data() + at, data, size);
        }
    }

    std::vector<uint8_t> bytes_;
};

/// A whole generic netlink message.
inline std::vector<uint8_t> message(uint8_t command, const Payload &payload,
                                    uint32_t sequence = 0) {
    nlmsghdr header{};
    genlmsghdr generic{.cmd = command, .version = 1, .reserved = 0};
    header.nlmsg_len = static_cast<uint32_t>(NLMSG_HDRLEN + GENL_HDRLEN + payload.bytes().size());
    header.nlmsg_type = 0x20;
    header.nlmsg_seq = sequence;
    std::vector<uint8_t> bytes(header.nlmsg_len);
    std::memcpy(bytes.data(), &header, sizeof(header));
    std::memcpy(bytes.data() + NLMSG_HDRLEN, &generic, sizeof(generic));
    std::memcpy(bytes.data() + NLMSG_HDRLEN + GENL_HDRLEN, payload.bytes().data(),
                payload.bytes().size());
    return bytes;
}

/// IPv4, UDP 10.0.0.7:5353 > 10.0.0.9:53, 72 bytes long in all.
inline std::vector<uint8_t> udp_packet() {
    std::vector<uint8_t> bytes{0x45, 0x00, 0x00, 0x48, 0x12, 0x34, 0x40, 0x00, 0x40, 0x11,
                               0x14, 0x5f, 10,   0,    0,    7,    10,   0,    0,    9,
                               0x14, 0xe9, 0x00, 0x35, 0x00, 0x34, 0xab, 0xcd};
    bytes.resize(72, 0x61);
    return bytes;
}

constexpr uint64_t drop_time = 1732275791204567890; // 2024-11-22 11:43:11.204567890 UTC
constexpr uint64_t drop_location = 0xffffffff81a2b3c4;

/// What the module sends for a UDP packet to a closed port.
inline Payload udp_event() {
    Payload event;
    event.number(DROPTRACE_A_EVENT_TIME_NS, drop_time)
        .number(DROPTRACE_A_EVENT_CPU, uint32_t{1})
        .number(DROPTRACE_A_EVENT_REASON, uint32_t{3})
        .number(DROPTRACE_A_EVENT_SKB, uint64_t{0xffff888003c0a100})
        .number(DROPTRACE_A_EVENT_LOCATION, drop_location)
        .array(DROPTRACE_A_EVENT_FILTERS, std::vector<uint32_t>{7})
        .number(DROPTRACE_A_EVENT_IFINDEX, uint32_t{2})
        .text(DROPTRACE_A_EVENT_DEV, "eth0")
        .number(DROPTRACE_A_EVENT_NETNS, uint32_t{4026531840})
        .number(DROPTRACE_A_EVENT_LEN, uint32_t{72})
        .number(DROPTRACE_A_EVENT_PROTOCOL, uint16_t{0x0800})
        .number(DROPTRACE_A_EVENT_L3_PROTOCOL, uint16_t{0x0800})
        .number(DROPTRACE_A_EVENT_PKT_TYPE, uint8_t{0})
        .number(DROPTRACE_A_EVENT_L3_OFFSET, uint16_t{0})
        .number(DROPTRACE_A_EVENT_L4_OFFSET, uint16_t{20})
        .array(DROPTRACE_A_EVENT_PACKET, udp_packet());
    return event;
}

} // namespace dropctl::test
