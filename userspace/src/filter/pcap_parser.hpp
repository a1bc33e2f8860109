// SPDX-License-Identifier: GPL-2.0-only
// libpcap's compiler, behind a door: its header and the kernel's define the same
// macros, so <pcap/pcap.h> is seen by one file only.
#pragma once

#include "filter/compile.hpp"

#include <string>
#include <variant>

namespace dropctl::filter {

/// What libpcap made of an expression: a program for Ethernet frames, not
/// optimised, or its message.
struct Parsed {
    Program program;
    std::string message; ///< empty: no error

    [[nodiscard]] bool is_syntax_error() const;
};

/// May ask the resolver about host names. Any thread, one at a time.
Parsed parse(const std::string &expression);

} // namespace dropctl::filter
