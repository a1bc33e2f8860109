// SPDX-License-Identifier: GPL-2.0-only
#include "rules/facts.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace dropctl::rules {

namespace {

std::string class_of(const in_addr &address) {
    const uint32_t bits = ntohl(address.s_addr);
    if (bits == INADDR_ANY) {
        return "unspecified";
    }
    if (bits == INADDR_BROADCAST) {
        return "broadcast";
    }
    if (IN_MULTICAST(bits)) {
        return "multicast";
    }
    if ((bits & IN_CLASSA_NET) == (INADDR_LOOPBACK & IN_CLASSA_NET)) {
        return "loopback";
    }
    constexpr uint32_t link_local = 0xa9fe0000; // 169.254.0.0
    return (bits & IN_CLASSB_NET) == link_local ? "link-local" : "unicast";
}

std::string class_of(const in6_addr &address) {
    if (IN6_IS_ADDR_UNSPECIFIED(&address)) {
        return "unspecified";
    }
    if (IN6_IS_ADDR_MULTICAST(&address)) {
        return "multicast";
    }
    if (IN6_IS_ADDR_LOOPBACK(&address)) {
        return "loopback";
    }
    return IN6_IS_ADDR_LINKLOCAL(&address) ? "link-local" : "unicast";
}

} // namespace

std::string address_class(const std::string &address) {
    in_addr four{};
    if (inet_pton(AF_INET, address.c_str(), &four) == 1) {
        return class_of(four);
    }
    in6_addr six{};
    return inet_pton(AF_INET6, address.c_str(), &six) == 1 ? class_of(six) : std::string();
}

} // namespace dropctl::rules
