// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.hpp"

namespace dropctl::commands {

Result<Exit> status(const StatusOptions &options, Context &context) {
    static_cast<void>(options);
    static_cast<void>(context);
    return Error{"status", "not built into this version"};
}

} // namespace dropctl::commands
