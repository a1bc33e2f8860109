// SPDX-License-Identifier: GPL-2.0-only
#include "render/packet_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::render {

namespace {

constexpr size_t bytes_a_line = 16;

std::string endpoint(const std::string &address, const std::optional<uint16_t> &port) {
    return port ? fmt::format("{}.{}", address, *port) : address;
}

} // namespace

std::string addresses(const packet::Packet &packet) {
    if (!packet.src.empty() || !packet.dst.empty()) {
        return endpoint(packet.src, packet.sport) + " > " + endpoint(packet.dst, packet.dport);
    }
    if (!packet.l3.empty()) {
        return packet.info.empty() ? packet.l3 : packet.l3 + " " + packet.info;
    }
    return "-";
}

std::string protocol(const packet::Packet &packet) {
    return packet.l4;
}

std::string details(const packet::Packet &packet) {
    const bool told = packet.src.empty() && packet.dst.empty(); // by addresses()
    std::string text = told ? std::string() : packet.info;
    if (packet.vlan) {
        text += fmt::format("{}vlan {}", text.empty() ? "" : ", ", *packet.vlan);
    }
    if (packet.inner) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", packet.tunnel);
        if (packet.tunnel_id != 0) {
            text += fmt::format(" {}", packet.tunnel_id);
        }
        text += fmt::format(": {}", addresses(*packet.inner));
        for (const std::string &more : {protocol(*packet.inner), details(*packet.inner)}) {
            text += more.empty() ? more : " " + more;
        }
    }
    return text;
}

std::string hexdump(std::span<const uint8_t> bytes, const std::string &indent) {
    std::string text;
    for (size_t at = 0; at < bytes.size(); at += bytes_a_line) {
        const auto line = bytes.subspan(at, std::min(bytes_a_line, bytes.size() - at));
        text += fmt::format("{}{:04x}  ", indent, at);
        for (size_t place = 0; place < bytes_a_line; ++place) {
            text += place < line.size() ? fmt::format("{:02x}", line[place]) : "  ";
            text += place % 2 == 1 ? " " : "";
        }
        text += ' ';
        for (const uint8_t byte : line) {
            text += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
        }
        text += '\n';
    }
    return text;
}

} // namespace dropctl::render
