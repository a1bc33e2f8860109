// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.hpp"

namespace dropctl::commands {

Result<Exit> del_filter(const DelFilterOptions &options, Context &context) {
    static_cast<void>(options);
    static_cast<void>(context);
    return Error{"del-filter", "not built into this version"};
}

} // namespace dropctl::commands
