// SPDX-License-Identifier: GPL-2.0-only
#include "filter/caution.hpp"

#include <algorithm>
#include <regex>

namespace dropctl::filter {

namespace {

bool reads_inner_tag(const Program &program) {
    return std::any_of(program.begin(), program.end(), [](const sock_filter &insn) {
        return insn.code == (BPF_LD | BPF_ABS) && // BPF_W, which is 0
               insn.k == static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_RXHASH);
    });
}

} // namespace

/// `vlan 10 or vlan 20`: with tcpdump as here, the n-th `vlan` is about the n-th tag.
std::string caution(const std::string &expression, const Program &program) {
    static const std::regex either(R"(\bor\b|\|\|)");
    if (!reads_inner_tag(program) || !std::regex_search(expression, either)) {
        return {};
    }
    return "the second 'vlan' is about the inner of two tags; either of two VLANs is "
           "'vlan and (ether[14:2] & 0xfff = 10 or ether[14:2] & 0xfff = 20)'";
}

} // namespace dropctl::filter
