// SPDX-License-Identifier: GPL-2.0-only
// What the slicer asks others: which functions free packets, and which calls
// are of no interest.
#pragma once

#include "code/cfg.hpp"

#include <cstdint>
#include <optional>

namespace dropctl::slice {

class Knowledge {
  public:
    virtual ~Knowledge() = default;
    /// A call that frees a packet for a reason other than that it was used up.
    [[nodiscard]] virtual bool frees(const code::Call &call) const;
    /// A call that frees all packets of a list that it is given.
    [[nodiscard]] virtual bool frees_list(const code::Call &call) const;
    /// The call leaves memory alone that it is given the address of (prints, locks).
    [[nodiscard]] virtual bool harmless(const code::Call &call) const;
    /// The call stores something at `displacement` from a pointer that it is given; nothing:
    /// not known. See stores_to(), which can tell for a function that was taken apart.
    [[nodiscard]] virtual std::optional<bool> stores(const code::Call &call, int64_t displacement,
                                                     uint8_t bytes) const;
};

struct Listing;

/// Whether a function stores through some pointer at this displacement; nothing: not
/// itself, but it calls others.
std::optional<bool> stores_to(const Listing &listing, int64_t displacement, uint8_t bytes);

} // namespace dropctl::slice
