// SPDX-License-Identifier: GPL-2.0-only
// Names of the running kernel's drop reasons. The numbers differ between
// kernels, so they are read from the kernel itself: from its BTF, else from the
// tracepoint's format file. Subsystems (mac80211, openvswitch) have their own
// enums, with the subsystem's number in the upper 16 bits.
#pragma once

#include "util/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dropctl::symbols {

class Reasons {
  public:
    /// Read the names. Costs some milliseconds of CPU: call it only when a name is
    /// needed. Fails only where the kernel has drop reasons but no readable names.
    static Result<Reasons> load();

    /// From given names; for tests.
    explicit Reasons(std::map<uint32_t, std::string> names) : names_(std::move(names)) {}

    /// Name without its SKB_DROP_REASON_ prefix; empty if unknown.
    [[nodiscard]] std::string name(uint32_t reason) const;
    /// Number of a name, with or without prefix, any case.
    [[nodiscard]] std::optional<uint32_t> number(const std::string &name) const;
    /// Names most like one that does not exist, best first.
    [[nodiscard]] std::vector<std::string> similar(const std::string &name, size_t most) const;
    [[nodiscard]] const std::map<uint32_t, std::string> &all() const { return names_; }

  private:
    std::map<uint32_t, std::string> names_;
};

} // namespace dropctl::symbols
