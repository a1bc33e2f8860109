// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.hpp"

namespace dropctl::commands {

Result<Exit> symbolize(const SymbolizeOptions &options, Context &context) {
    static_cast<void>(options);
    static_cast<void>(context);
    return Error{"symbolize", "not built into this version"};
}

} // namespace dropctl::commands
