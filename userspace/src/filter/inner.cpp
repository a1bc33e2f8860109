// SPDX-License-Identifier: GPL-2.0-only
#include "filter/inner.hpp"

#include <algorithm>

namespace dropctl::filter {

namespace {

bool is_kept_for_inner(const sock_filter &insn) {
    const bool is_load = BPF_CLASS(insn.code) == BPF_LD && BPF_MODE(insn.code) == BPF_ABS;
    return !is_load || insn.k < static_cast<uint32_t>(SKF_LL_OFF) ||
           insn.k == static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL);
}

} // namespace

Result<Program> compile_inner(const std::string &expression) {
    auto program = compile(expression);
    if (program && !std::all_of(program->begin(), program->end(), is_kept_for_inner)) {
        return Error{"--inner", "the inner packet's link header cannot be tested",
                     "MAC addresses, 'vlan' and 802.3 protocols are for the outer packet only",
                     Exit::Usage};
    }
    return program;
}

} // namespace dropctl::filter
