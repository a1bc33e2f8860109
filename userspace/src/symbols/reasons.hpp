// SPDX-License-Identifier: GPL-2.0-only
// Names of the running kernel's drop reasons. The numbers differ between
// kernels, so they are read from the kernel itself: the core ones from the
// tracepoint's format file, a few kilobytes, else from BTF. Subsystems
// (mac80211, openvswitch, qdisc) have enums of their own, with the subsystem's
// number in the upper 16 bits; those are only in BTF, and read when asked for.
#pragma once

#include "util/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dropctl::symbols {

/// Where the names are read from; tests put other paths in.
struct ReasonSources {
    std::vector<std::string> formats{"/sys/kernel/tracing/events/skb/kfree_skb/format",
                                     "/sys/kernel/debug/tracing/events/skb/kfree_skb/format"};
    std::string btf = "/sys/kernel/btf"; ///< directory: vmlinux and modules
};

class Reasons {
  public:
    /// Read the names. Call it only when a name is needed. Fails only where the
    /// kernel may have drop reasons but no readable names.
    static Result<Reasons> load(ReasonSources sources = {});

    /// From given names; for tests.
    explicit Reasons(std::map<uint32_t, std::string> names) : names_(std::move(names)) {}

    /// Name without its SKB_DROP_REASON_ prefix; empty if unknown.
    [[nodiscard]] std::string name(uint32_t reason) const;
    /// Number of a name, with or without prefix, any case.
    [[nodiscard]] std::optional<uint32_t> number(const std::string &name) const;
    /// Names most like one that does not exist, best first.
    [[nodiscard]] std::vector<std::string> similar(const std::string &name, size_t most) const;
    /// All names; empty where the kernel has no drop reasons.
    [[nodiscard]] const std::map<uint32_t, std::string> &all() const;

  private:
    Reasons(std::map<uint32_t, std::string> names, ReasonSources sources)
        : names_(std::move(names)), sources_(std::move(sources)), all_known_(names_.empty()) {}
    void read_subsystems() const;

    // Filled up by read_subsystems() at the first name that is not a core one.
    mutable std::map<uint32_t, std::string> names_;
    ReasonSources sources_;
    mutable bool all_known_ = true;
};

} // namespace dropctl::symbols
