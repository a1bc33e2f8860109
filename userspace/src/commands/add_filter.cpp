// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.hpp"

namespace dropctl::commands {

Result<Exit> add_filter(const AddFilterOptions &options, Context &context) {
    static_cast<void>(options);
    static_cast<void>(context);
    return Error{"add-filter", "not built into this version"};
}

} // namespace dropctl::commands
