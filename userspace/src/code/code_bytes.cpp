// SPDX-License-Identifier: GPL-2.0-only
#include "code/code_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace dropctl::code {

namespace {

constexpr uint8_t int3 = 0xcc;
constexpr uint8_t near_jump = 0xe9;
constexpr uint8_t near_call = 0xe8;
constexpr size_t near_jump_length = 5;

uint64_t jump_target(uint64_t address, std::span<const uint8_t> bytes) {
    int32_t distance = 0;
    std::memcpy(&distance, bytes.data() + 1, sizeof(distance));
    return address + near_jump_length + static_cast<uint64_t>(int64_t{distance});
}

} // namespace

bool CodeBytes::add(const Range &range) {
    constexpr uint64_t largest = 1U << 20; // no function is; a broken symbol table may say so
    if (range.start >= range.end || range.end - range.start > largest) {
        return false;
    }
    std::vector<uint8_t> bytes(range.end - range.start);
    if (!view_.read(range.start, bytes)) {
        return false;
    }
    ranges_.push_back(range);
    bytes_.push_back(std::move(bytes));
    return true;
}

bool CodeBytes::holds(uint64_t address) const {
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const Range &range) { return range.holds(address); });
}

std::span<const uint8_t> CodeBytes::at(uint64_t address) const {
    for (size_t i = 0; i < ranges_.size(); i++) {
        if (ranges_[i].holds(address)) {
            return std::span(bytes_[i]).subspan(address - ranges_[i].start);
        }
    }
    return {};
}

/// Optimised probes jump to pages of their own, which are in no function.
bool CodeBytes::is_probe_jump(uint64_t address, std::span<const uint8_t> bytes) const {
    if (bytes.size() < near_jump_length || bytes.front() != near_jump) {
        return false;
    }
    const uint64_t target = jump_target(address, bytes);
    if (holds(target)) {
        return false;
    }
    const auto symbol = view_.symbol_at(target);
    return !symbol || symbol->module.starts_with("__builtin__");
}

/// The first byte of what a trap stands in for. The linker's is right as long as the
/// kernel did not rewrite the instruction at its start; what follows shows if it did.
uint8_t CodeBytes::first_byte(uint64_t address, std::span<const uint8_t> now,
                              std::span<const uint8_t> linked) const {
    constexpr uint8_t ret = 0xc3;
    constexpr uint8_t rex_b = 0x41;
    constexpr uint8_t group5 = 0xff;
    if (linked[0] == near_jump && is_rewritten_return(address, now, linked)) {
        return ret;
    }
    const bool through_thunk = linked[0] == near_jump || linked[0] == near_call;
    if (!through_thunk || now.size() < near_jump_length || now[1] == linked[1]) {
        return linked[0];
    }
    if (now[1] == 0xae && now[2] == 0xe8) {
        return 0x0f; // lfence in front of it
    }
    if (now[1] == group5) {
        return rex_b; // call *%r8 to *%r15
    }
    const bool on_register = (now[1] & 0xf8) == 0xd0 || (now[1] & 0xf8) == 0xe0;
    return on_register && now[2] != linked[2] ? group5 : linked[0];
}

/// A jump to the return thunk became "ret; int3; int3; int3; int3".
bool CodeBytes::is_rewritten_return(uint64_t address, std::span<const uint8_t> now,
                                    std::span<const uint8_t> linked) const {
    if (now.size() < near_jump_length || now[4] != int3 || linked[4] == int3) {
        return false;
    }
    const auto symbol = view_.symbol_at(jump_target(address, linked));
    return symbol && is_return_thunk(symbol->name);
}

bool CodeBytes::restore(uint64_t address) {
    const std::span<const uint8_t> now = at(address);
    if (now.empty() || (now.front() != int3 && now.front() != near_jump)) {
        return false;
    }
    std::array<uint8_t, near_jump_length> linked{};
    if (!view_.read_original(address, linked)) {
        return false;
    }
    if (now.front() == int3) {
        linked[0] = first_byte(address, now, linked);
        return linked[0] != int3 && overwrite(address, std::span(linked).first(1));
    }
    if (!is_probe_jump(address, now)) {
        return false;
    }
    if (linked[0] != near_jump) {
        return overwrite(address, linked);
    }
    // Its beginning was restored with the instruction before it.
    linked[0] = first_byte(address, now, linked);
    return linked[0] != near_jump && overwrite(address, std::span(linked).first(1));
}

bool CodeBytes::overwrite(uint64_t address, std::span<const uint8_t> bytes) {
    for (size_t i = 0; i < ranges_.size(); i++) {
        if (ranges_[i].holds(address)) {
            const uint64_t offset = address - ranges_[i].start;
            const size_t length = std::min(bytes.size(), bytes_[i].size() - offset);
            std::copy_n(bytes.begin(), length, bytes_[i].begin() + static_cast<ptrdiff_t>(offset));
        }
    }
    return true;
}

/// Return thunks of all mitigations, past and present.
bool is_return_thunk(std::string_view symbol) {
    constexpr std::array<std::string_view, 11> names{
        "__x86_return_thunk",      "__x86_return_skl",      "__ret",
        "zen_untrain_ret",         "retbleed_return_thunk", "srso_return_thunk",
        "srso_alias_return_thunk", "srso_safe_ret",         "srso_alias_safe_ret",
        "call_depth_return_thunk", "its_return_thunk"};
    return std::find(names.begin(), names.end(), symbol) != names.end();
}

} // namespace dropctl::code
