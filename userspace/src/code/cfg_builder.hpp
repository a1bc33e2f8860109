// SPDX-License-Identifier: GPL-2.0-only
// Takes a function apart: follows control from its entry, through its .cold part,
// and cuts what it met into blocks.
#pragma once

#include "code/cfg.hpp"
#include "code/code_view.hpp"
#include "code/decoder.hpp"

#include <cstdint>
#include <string>

namespace dropctl::code {

struct BuiltCfg {
    Cfg cfg;
    uint64_t entry_point = 0; ///< see Function::entry_point
};

/// Nothing if the bytes of `symbol` cannot be read. `decoder` is used up.
std::optional<BuiltCfg> build_cfg(CodeView &view, Decoder &decoder, const CodeSymbol &symbol);

} // namespace dropctl::code
