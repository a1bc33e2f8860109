// SPDX-License-Identifier: GPL-2.0-only
#include "filter/pcap_parser.hpp"

#include <pcap/pcap.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>

namespace dropctl::filter {

namespace {

constexpr int largest_frame = 262144; // libpcap's own; also what its programs return

struct CloseHandle {
    void operator()(pcap_t *handle) const { pcap_close(handle); }
};

std::string without_prefix(std::string_view message) {
    constexpr std::string_view prefix = "can't parse filter expression: ";
    return std::string(message.starts_with(prefix) ? message.substr(prefix.size()) : message);
}

Program copied(const bpf_program &compiled) {
    Program program;
    program.reserve(compiled.bf_len);
    for (unsigned i = 0; i < compiled.bf_len; ++i) {
        const bpf_insn &insn = compiled.bf_insns[i];
        program.push_back({.code = insn.code, .jt = insn.jt, .jf = insn.jf, .k = insn.k});
    }
    return program;
}

} // namespace

bool Parsed::is_syntax_error() const {
    return message == "syntax error";
}

Parsed parse(const std::string &expression) {
    static std::mutex mutex; // libpcap before 1.8 keeps its state in globals
    const std::lock_guard lock(mutex);
    // A resolver that does not answer would hold up the user for half a minute.
    setenv("RES_OPTIONS", "timeout:1 attempts:1", 0);
    const std::unique_ptr<pcap_t, CloseHandle> handle(pcap_open_dead(DLT_EN10MB, largest_frame));
    if (!handle) {
        return {.program = {}, .message = "out of memory"};
    }
    bpf_program compiled{};
    if (pcap_compile(handle.get(), &compiled, expression.c_str(), 0, PCAP_NETMASK_UNKNOWN) != 0) {
        return {.program = {}, .message = without_prefix(pcap_geterr(handle.get()))};
    }
    Parsed parsed{.program = copied(compiled), .message = {}};
    pcap_freecode(&compiled);
    return parsed;
}

} // namespace dropctl::filter
