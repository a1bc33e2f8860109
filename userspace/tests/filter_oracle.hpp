// SPDX-License-Identifier: GPL-2.0-only
// For tests: libpcap's own verdict on an Ethernet frame.
#pragma once

#include "filter/compile.hpp"
#include "filter_frames.hpp"

#include <memory>
#include <pcap/pcap.h>
#include <string>

namespace dropctl::testing {

class Oracle {
  public:
    /// Not optimised: libpcap then leaves out loads of no consequence, and finds that more
    /// packets match of those that are cut within a header.
    explicit Oracle(const std::string &expression) {
        pcap_t *handle = pcap_open_dead(DLT_EN10MB, 262144);
        ok_ = pcap_compile(handle, &compiled_, expression.c_str(), 0, PCAP_NETMASK_UNKNOWN) == 0;
        pcap_close(handle);
    }
    ~Oracle() { pcap_freecode(&compiled_); }
    Oracle(const Oracle &) = delete;
    Oracle &operator=(const Oracle &) = delete;

    [[nodiscard]] bool ok() const { return ok_; }

    /// Of the frame, `captured` bytes are there.
    [[nodiscard]] bool matches(const Bytes &frame, size_t captured) const {
        // A copy of the right size, so that ASan sees a read beyond it.
        const Bytes bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(captured));
        pcap_pkthdr header{};
        header.caplen = static_cast<bpf_u_int32>(captured);
        header.len = static_cast<bpf_u_int32>(frame.size());
        return pcap_offline_filter(&compiled_, &header, bytes.data()) != 0;
    }
    [[nodiscard]] bool matches(const Bytes &frame) const { return matches(frame, frame.size()); }

    /// libpcap's interpreter on a program of ours.
    static bool run(const filter::Program &program, const Bytes &frame) {
        std::vector<bpf_insn> copy;
        for (const sock_filter &insn : program) {
            copy.push_back({insn.code, insn.jt, insn.jf, insn.k});
        }
        const auto size = static_cast<u_int>(frame.size());
        return bpf_filter(copy.data(), frame.data(), size, size) != 0;
    }

  private:
    bpf_program compiled_{};
    bool ok_ = false;
};

} // namespace dropctl::testing
