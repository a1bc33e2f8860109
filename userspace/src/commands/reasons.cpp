// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.hpp"

namespace dropctl::commands {

Result<Exit> reasons(const ReasonsOptions &options, Context &context) {
    static_cast<void>(options);
    static_cast<void>(context);
    return Error{"reasons", "not built into this version"};
}

} // namespace dropctl::commands
