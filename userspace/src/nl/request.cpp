// SPDX-License-Identifier: GPL-2.0-only
#include "nl/request.hpp"

#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <new>
#include <stdexcept>

namespace dropctl::nl {

Request::Request(int family, uint8_t version, uint8_t command, Kind kind, size_t space)
    : message_(nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + space)), command_(command) {
    if (!message_) {
        throw std::bad_alloc();
    }
    // A dump ends with NLMSG_DONE, everything else with the acknowledgement asked for here.
    const int flags = kind == Kind::Dump ? NLM_F_REQUEST | NLM_F_DUMP : NLM_F_REQUEST | NLM_F_ACK;
    if (genlmsg_put(message(), NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, command, version) ==
        nullptr) {
        throw std::bad_alloc();
    }
}

Request &Request::put_bytes(int attribute, const void *data, size_t size) {
    if (nla_put(message(), attribute, static_cast<int>(size), data) < 0) {
        throw std::length_error("netlink request too large");
    }
    return *this;
}

Request &Request::put(int attribute, uint8_t value) {
    return put_bytes(attribute, &value, sizeof(value));
}

Request &Request::put(int attribute, uint32_t value) {
    return put_bytes(attribute, &value, sizeof(value));
}

Request &Request::put(int attribute, uint64_t value) {
    return put_bytes(attribute, &value, sizeof(value));
}

Request &Request::put(int attribute, const std::string &value) {
    return put_bytes(attribute, value.c_str(), value.size() + 1);
}

Request &Request::put_flag(int attribute) {
    return put_bytes(attribute, nullptr, 0);
}

std::span<const uint8_t> Request::bytes() const {
    const nlmsghdr *header = nlmsg_hdr(message());
    return {reinterpret_cast<const uint8_t *>(header), header->nlmsg_len};
}

} // namespace dropctl::nl
