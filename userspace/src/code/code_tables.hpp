// SPDX-License-Identifier: GPL-2.0-only
// The kernel's or a module's tables of unusual control: BUG and WARN, faulting
// instructions, static branches. Their entries give places relative to themselves.
#pragma once

#include "code/code_view.hpp"
#include "code/image_file.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace dropctl::code {

class CodeTables {
  public:
    /// Read them; the image outlives this.
    explicit CodeTables(ImageFile &image, bool is_module);

    [[nodiscard]] TrapKind trap_at(uint64_t address) const;
    [[nodiscard]] std::vector<std::pair<uint64_t, uint64_t>> fixups(const Range &range) const;
    [[nodiscard]] std::vector<StaticBranch> static_branches(const Range &range) const;

  private:
    struct Table {
        uint64_t start = 0;
        std::vector<uint8_t> bytes;

        template <typename Number> [[nodiscard]] Number at(size_t offset) const;
        /// The address that 32 bits at `offset`, relative to themselves, stand for.
        [[nodiscard]] uint64_t address_at(size_t offset) const;
    };

    static Table read(ImageFile &image, const std::optional<Range> &range);
    void measure_bugs(ImageFile &image);

    Table bugs_;
    size_t bug_size_ = 0; ///< of an entry, 0: not known
    Table faults_;
    Table jumps_;
};

} // namespace dropctl::code
