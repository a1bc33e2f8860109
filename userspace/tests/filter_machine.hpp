// SPDX-License-Identifier: GPL-2.0-only
// For tests: what the module presents of an Ethernet frame, and a machine that
// runs rewritten programs over that as the kernel would.
#pragma once

#include "filter/compile.hpp"
#include "filter_frames.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include <gtest/gtest.h>

namespace dropctl::testing {

/// The module's view of a packet; see linux/droptrace.h.
struct View {
    Bytes link; ///< 14 bytes, or none
    uint32_t protocol = 0;
    std::array<uint32_t, 2> tpid{};
    std::array<uint32_t, 2> tci{};
    uint32_t length = 0; ///< of the network part on the wire
    Bytes network;       ///< what was captured of it
};

inline unsigned half(const Bytes &bytes, size_t at) {
    return unsigned{bytes[at]} << 8 | bytes[at + 1];
}

inline bool is_tag(unsigned type) {
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/// What the module would present of a frame with its tags in line, cut after
/// `captured` bytes; the link header must be whole.
inline View view_of(const Bytes &frame, size_t captured) {
    View view;
    view.link.assign(frame.begin(), frame.begin() + 14);
    size_t at = 12;
    for (size_t level = 0; is_tag(half(frame, at)); ++level, at += 4) {
        if (level < view.tpid.size()) {
            view.tpid[level] = half(frame, at);
            view.tci[level] = half(frame, at + 2);
        }
    }
    view.protocol = half(frame, at);
    at += 2;
    if (view.protocol < 0x600) { // a length
        view.protocol = 0;
    }
    view.length = static_cast<uint32_t>(frame.size() - at);
    view.network.assign(frame.begin() + static_cast<std::ptrdiff_t>(at),
                        frame.begin() + static_cast<std::ptrdiff_t>(std::max(captured, at)));
    return view;
}

/// One run of a program.
class Machine {
  public:
    Machine(const filter::Program &program, const View &view) : program_(program), view_(view) {}

    bool run() {
        for (size_t pc = 0; pc < program_.size(); ++pc) {
            const sock_filter &insn = program_[pc];
            ++steps_;
            switch (BPF_CLASS(insn.code)) {
            case BPF_RET:
                return (BPF_RVAL(insn.code) == BPF_A ? a_ : insn.k) != 0;
            case BPF_JMP:
                pc += insn.code == (BPF_JMP | BPF_JA) ? insn.k : holds(insn) ? insn.jt : insn.jf;
                break;
            default:
                if (!step(insn)) {
                    return false;
                }
            }
        }
        ADD_FAILURE() << "the program runs off its end";
        return false;
    }

    [[nodiscard]] size_t steps() const { return steps_; }

  private:
    [[nodiscard]] bool holds(const sock_filter &insn) const {
        const uint32_t k = BPF_SRC(insn.code) == BPF_X ? x_ : insn.k;
        switch (BPF_OP(insn.code)) {
        case BPF_JEQ:
            return a_ == k;
        case BPF_JGT:
            return a_ > k;
        case BPF_JGE:
            return a_ >= k;
        default:
            return (a_ & k) != 0;
        }
    }

    bool step(const sock_filter &insn) {
        switch (BPF_CLASS(insn.code)) {
        case BPF_LD:
            return set(a_, load(insn));
        case BPF_LDX:
            return set(x_, load(insn));
        case BPF_ST:
            memory_.at(insn.k) = a_;
            return true;
        case BPF_STX:
            memory_.at(insn.k) = x_;
            return true;
        case BPF_ALU:
            return set(a_, calculate(BPF_OP(insn.code), BPF_SRC(insn.code) == BPF_X ? x_ : insn.k));
        default:
            (BPF_MISCOP(insn.code) == BPF_TAX ? x_ : a_) =
                BPF_MISCOP(insn.code) == BPF_TAX ? a_ : x_;
            return true;
        }
    }

    static bool set(uint32_t &to, std::optional<uint32_t> value) {
        to = value.value_or(0);
        return value.has_value();
    }

    std::optional<uint32_t> load(const sock_filter &insn) {
        const unsigned size = BPF_SIZE(insn.code) == BPF_W   ? 4
                              : BPF_SIZE(insn.code) == BPF_H ? 2
                                                             : 1;
        switch (BPF_MODE(insn.code)) {
        case BPF_IMM:
            return insn.k;
        case BPF_MEM:
            return memory_.at(insn.k);
        case BPF_LEN:
            return view_.length;
        case BPF_ABS:
            return insn.k >= static_cast<uint32_t>(SKF_AD_OFF) ? ancillary(insn.k)
                                                               : at(insn.k, size);
        case BPF_IND: // libpcap refuses an index below 0, the kernel takes the sum
            return x_ > INT32_MAX ? std::nullopt : at(x_ + insn.k, size);
        default: { // BPF_MSH
            const auto byte = at(insn.k, 1);
            return byte ? std::optional(4 * (*byte & 0xf)) : std::nullopt;
        }
        }
    }

    [[nodiscard]] std::optional<uint32_t> at(uint32_t offset, unsigned size) const {
        const bool is_link = offset >= static_cast<uint32_t>(SKF_LL_OFF);
        const Bytes &bytes = is_link ? view_.link : view_.network;
        const uint64_t from = is_link ? offset - static_cast<uint32_t>(SKF_LL_OFF) : offset;
        if (from + size > bytes.size()) {
            return std::nullopt;
        }
        uint32_t value = 0;
        for (unsigned i = 0; i < size; ++i) {
            value = value << 8 | bytes[from + i];
        }
        return value;
    }

    [[nodiscard]] uint32_t ancillary(uint32_t k) const {
        switch (static_cast<int>(k - static_cast<uint32_t>(SKF_AD_OFF))) {
        case SKF_AD_PROTOCOL:
            return view_.protocol;
        case SKF_AD_VLAN_TPID:
            return view_.tpid[0];
        case SKF_AD_VLAN_TAG:
            return view_.tci[0];
        case SKF_AD_RXHASH:
            return view_.tpid[1];
        case SKF_AD_QUEUE:
            return view_.tci[1];
        default:
            ADD_FAILURE() << "ancillary load " << k << " is not for the module";
            return 0;
        }
    }

    [[nodiscard]] std::optional<uint32_t> calculate(unsigned operation, uint32_t k) const {
        switch (operation) {
        case BPF_ADD:
            return a_ + k;
        case BPF_SUB:
            return a_ - k;
        case BPF_MUL:
            return a_ * k;
        case BPF_DIV:
            return k == 0 ? std::nullopt : std::optional(a_ / k);
        case BPF_MOD:
            return k == 0 ? std::nullopt : std::optional(a_ % k);
        case BPF_AND:
            return a_ & k;
        case BPF_OR:
            return a_ | k;
        case BPF_XOR:
            return a_ ^ k;
        case BPF_LSH:
            return k < 32 ? a_ << k : 0;
        case BPF_RSH:
            return k < 32 ? a_ >> k : 0;
        default:
            return -a_;
        }
    }

    const filter::Program &program_;
    const View &view_;
    uint32_t a_ = 0;
    uint32_t x_ = 0;
    std::array<uint32_t, BPF_MEMWORDS> memory_{};
    size_t steps_ = 0;
};

inline bool matches(const filter::Program &program, const View &view) {
    return Machine(program, view).run();
}

/// A program as `tcpdump -d` prints it, roughly; for messages.
inline std::string listing(const filter::Program &program) {
    std::string text;
    for (size_t pc = 0; pc < program.size(); ++pc) {
        const sock_filter &insn = program[pc];
        char line[80];
        std::snprintf(line, sizeof(line), "%3zu  code %#06x  k %#10x  jt %u jf %u\n", pc, insn.code,
                      insn.k, unsigned(pc + 1 + insn.jt), unsigned(pc + 1 + insn.jf));
        text += line;
    }
    return text;
}

} // namespace dropctl::testing
