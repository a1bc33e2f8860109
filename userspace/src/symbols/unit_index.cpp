// SPDX-License-Identifier: GPL-2.0-only
// Reads .debug_aranges. libdw can do that too, but opens every unit that is
// named there on the way: some 125 MB of vmlinux, for one address.
#include "symbols/unit_index.hpp"

#include <algorithm>
#include <cstring>

namespace dropctl::symbols {

namespace {

template <typename Number> Number number_at(std::string_view bytes, size_t at) {
    Number value{};
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    return value;
}

// Layout of a set's header (DWARF 5, section 6.1.2) in its 32-bit format.
constexpr size_t length_size = 4;
constexpr size_t version_at = 4;
constexpr size_t unit_at_offset = 6;
constexpr size_t address_size_at = 10;
constexpr size_t first_pair = 16; ///< aligned to a pair of addresses
constexpr size_t pair_size = 16;
constexpr uint32_t dwarf64 = 0xffffffff;

} // namespace

void UnitIndex::read_aranges(std::string_view section) {
    while (section.size() >= first_pair) {
        const auto length = number_at<uint32_t>(section, 0);
        if (length == dwarf64 || length > section.size() - length_size) {
            break;
        }
        read_set(section.substr(0, length_size + length));
        section.remove_prefix(length_size + length);
    }
    sort();
}

void UnitIndex::read_set(std::string_view set) {
    if (set.size() < first_pair || number_at<uint16_t>(set, version_at) != 2 ||
        set[address_size_at] != sizeof(uint64_t)) {
        return;
    }
    const auto unit = number_at<uint32_t>(set, unit_at_offset);
    for (size_t at = first_pair; at + pair_size <= set.size(); at += pair_size) {
        const auto start = number_at<uint64_t>(set, at);
        const auto length = number_at<uint64_t>(set, at + sizeof(uint64_t));
        if (length != 0) {
            add(start, start + length, unit);
        }
    }
}

void UnitIndex::add(uint64_t start, uint64_t end, uint64_t unit) {
    ranges_.push_back({.start = start, .end = end, .unit = unit});
    units_.push_back(unit);
}

void UnitIndex::sort() {
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range &a, const Range &b) { return a.start < b.start; });
    std::sort(units_.begin(), units_.end());
    units_.erase(std::unique(units_.begin(), units_.end()), units_.end());
}

std::optional<uint64_t> UnitIndex::unit_at(DwarfAddress address) const {
    const auto wanted = static_cast<uint64_t>(address);
    const auto next =
        std::upper_bound(ranges_.begin(), ranges_.end(), wanted,
                         [](uint64_t a, const Range &range) { return a < range.start; });
    if (next == ranges_.begin() || wanted >= std::prev(next)->end) {
        return std::nullopt;
    }
    return std::prev(next)->unit;
}

std::optional<uint64_t> UnitIndex::unit_before(uint64_t offset) const {
    const auto next = std::upper_bound(units_.begin(), units_.end(), offset);
    return next == units_.begin() ? std::nullopt : std::optional(*std::prev(next));
}

} // namespace dropctl::symbols
