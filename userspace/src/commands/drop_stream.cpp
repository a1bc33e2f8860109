// SPDX-License-Identifier: GPL-2.0-only
#include "commands/drop_stream.hpp"

namespace dropctl::commands {

bool DropStream::event(const Event &event) {
    if (limit_reached()) {
        return true; // the rest, after --count, while the session comes to its end
    }
    if (closed()) {
        return false;
    }
    renderer_.drop(event);
    count();
    return !limit_reached();
}

} // namespace dropctl::commands
