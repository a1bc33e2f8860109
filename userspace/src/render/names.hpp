// SPDX-License-Identifier: GPL-2.0-only
// Where the renderers get the names for numbers from. A command puts the running
// kernel's in, a test its own. Looked up only when something is printed, and only
// once for each: what costs time (debug information, lists of the module) is the
// business of the implementation.
#pragma once

#include "model.hpp"

#include <cstdint>
#include <string>

namespace dropctl::render {

class Names {
  public:
    virtual ~Names() = default;

    /// Place of a return address. The reference holds until the next call.
    virtual const Location &location(uint64_t address) = 0;
    /// Place given as "symbol+0xoff/0xsize [module]".
    virtual const Location &location(const std::string &symbol) = 0;
    /// Name of a drop reason without its prefix; "#N" if unknown.
    virtual std::string reason(uint32_t number) = 0;
    /// Name of a filter; "#ID" if it has gone.
    virtual std::string filter(uint32_t id) = 0;
    /// Name of a network namespace; empty if it has none.
    virtual std::string netns(uint32_t inode) = 0;
    /// The namespace that dropctl itself is in.
    virtual uint32_t own_netns() = 0;
};

} // namespace dropctl::render
