// SPDX-License-Identifier: GPL-2.0-only
#include "code/code_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace dropctl::code {

namespace {

constexpr uint8_t int3 = 0xcc;
constexpr uint8_t near_jump = 0xe9;
constexpr size_t near_jump_length = 5;

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
    int32_t distance = 0;
    if (bytes.size() < near_jump_length || bytes.front() != near_jump) {
        return false;
    }
    std::memcpy(&distance, bytes.data() + 1, sizeof(distance));
    const uint64_t target = address + near_jump_length + static_cast<uint64_t>(int64_t{distance});
    if (holds(target)) {
        return false;
    }
    const auto symbol = view_.symbol_at(target);
    return !symbol || symbol->module.starts_with("__builtin__");
}

bool CodeBytes::restore(uint64_t address) {
    const std::span<const uint8_t> now = at(address);
    if (now.empty() || (now.front() != int3 && now.front() != near_jump)) {
        return false;
    }
    const bool trap = now.front() == int3;
    if (!trap && !is_probe_jump(address, now)) {
        return false;
    }
    std::array<uint8_t, near_jump_length> linked{};
    const auto bytes = std::span(linked).first(trap ? 1 : near_jump_length);
    if (!view_.read_original(address, bytes) || bytes.front() == now.front()) {
        return false;
    }
    for (size_t i = 0; i < ranges_.size(); i++) {
        if (ranges_[i].holds(address)) {
            std::copy(bytes.begin(), bytes.end(),
                      bytes_[i].begin() + static_cast<ptrdiff_t>(address - ranges_[i].start));
        }
    }
    return true;
}

} // namespace dropctl::code
