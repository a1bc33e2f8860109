// SPDX-License-Identifier: GPL-2.0-only
// What the slicer asks others: which functions free packets, and which calls
// are of no interest.
#pragma once

#include "code/cfg.hpp"

namespace dropctl::slice {

class Knowledge {
  public:
    virtual ~Knowledge() = default;
    /// A call that frees a packet for a reason other than that it was used up.
    [[nodiscard]] virtual bool frees(const code::Call &call) const;
    /// The call leaves memory alone that it is given the address of (prints, locks).
    [[nodiscard]] virtual bool harmless(const code::Call &call) const;
};

} // namespace dropctl::slice
