// SPDX-License-Identifier: GPL-2.0-only
#include "code/code_tables.hpp"

#include <array>
#include <cstring>

namespace dropctl::code {

namespace {

constexpr size_t fault_size = 12; ///< instruction, fixup, type or handler
constexpr size_t jump_size = 16;  ///< code, target, key (8 bytes)
constexpr uint16_t bug_is_warning = 1;

} // namespace

template <typename Number> Number CodeTables::Table::at(size_t offset) const {
    Number number{};
    std::memcpy(&number, bytes.data() + offset, sizeof(number));
    return number;
}

uint64_t CodeTables::Table::address_at(size_t offset) const {
    return start + offset + static_cast<uint64_t>(int64_t{at<int32_t>(offset)});
}

CodeTables::Table CodeTables::read(ImageFile &image, const std::optional<Range> &range) {
    Table table;
    if (range) {
        table.start = range->start;
        table.bytes.resize(range->end - range->start);
        if (!image.read(range->start, table.bytes)) {
            table.bytes.clear();
        }
    }
    return table;
}

CodeTables::CodeTables(ImageFile &image, bool is_module)
    : bugs_(read(image, image.section("__bug_table"))),
      faults_(read(image, image.section("__ex_table"))),
      jumps_(read(image, is_module ? image.section("__jump_table")
                                   : image.between_marks("__jump_table"))) {
    measure_bugs(image);
}

/// Entries are of 8, 12 or 16 bytes, as the kernel was configured: with the right
/// size all of them are about instructions that trap.
void CodeTables::measure_bugs(ImageFile &image) {
    for (const size_t size : {12U, 16U, 8U}) {
        constexpr size_t tried = 16;
        size_t fitting = 0;
        size_t looked_at = 0;
        for (size_t at = 0; at + size <= bugs_.bytes.size() && looked_at < tried; at += size) {
            std::array<uint8_t, 2> code{};
            looked_at++;
            constexpr std::array<uint8_t, 2> ud2{0x0f, 0x0b};
            constexpr std::array<uint8_t, 2> ud1{0x0f, 0xb9};
            if (image.read(bugs_.address_at(at), code) && (code == ud2 || code[1] == ud1[1])) {
                fitting++;
            }
        }
        if (looked_at > 0 && fitting * 4 >= looked_at * 3 && bugs_.bytes.size() % size == 0) {
            bug_size_ = size;
            return;
        }
    }
}

/// The flags end an entry, but for those of 8 bytes they come after a line.
TrapKind CodeTables::trap_at(uint64_t address) const {
    if (bug_size_ == 0) {
        return TrapKind::Unknown;
    }
    for (size_t at = 0; at + bug_size_ <= bugs_.bytes.size(); at += bug_size_) {
        if (bugs_.address_at(at) == address) {
            const size_t flags = bug_size_ == 8 ? 4 : bug_size_ - sizeof(uint16_t);
            return (bugs_.at<uint16_t>(at + flags) & bug_is_warning) != 0 ? TrapKind::Warns
                                                                          : TrapKind::Dies;
        }
    }
    return TrapKind::Dies;
}

std::vector<std::pair<uint64_t, uint64_t>> CodeTables::fixups(const Range &range) const {
    std::vector<std::pair<uint64_t, uint64_t>> found;
    for (size_t at = 0; at + fault_size <= faults_.bytes.size(); at += fault_size) {
        if (range.holds(faults_.address_at(at))) {
            found.emplace_back(faults_.address_at(at), faults_.address_at(at + sizeof(int32_t)));
        }
    }
    return found;
}

std::vector<StaticBranch> CodeTables::static_branches(const Range &range) const {
    std::vector<StaticBranch> found;
    for (size_t at = 0; at + jump_size <= jumps_.bytes.size(); at += jump_size) {
        if (range.holds(jumps_.address_at(at))) {
            found.push_back({.address = jumps_.address_at(at),
                             .target = jumps_.address_at(at + sizeof(int32_t))});
        }
    }
    return found;
}

} // namespace dropctl::code
